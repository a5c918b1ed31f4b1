//! The page in a real browser: Chromium without a window, driven by WebDriver.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::Server;
use crate::scene::{Live, Scene, Wav, has};

/// Nothing here takes this long, even on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A browser with one page.
struct Browser {
    /// Ends it.
    _driver: Live,
    address: String,
    session: String,
}

/// How WebDriver calls the reference to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// Starts a browser whose downloads go to the scene's folder.
    fn start(scene: &Scene) -> Self {
        let driver = scene.start("chromedriver --port=0 --log-level=SEVERE");
        let mut browser = Self {
            address: Self::address(&driver),
            _driver: driver,
            session: String::new(),
        };
        // Tests may run as root and without a sound device.
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--window-size=900,900",
        ];
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
            "goog:chromeOptions": {"args": arguments},
        }}});
        let started = browser.send("POST", "/session", &capabilities);
        browser.session = started["sessionId"].as_str().unwrap().to_owned();
        let downloads = json!({"behavior": "allow", "downloadPath": scene.path("home")});
        let command = json!({"cmd": "Browser.setDownloadBehavior", "params": downloads});
        browser.send("POST", "/goog/cdp/execute", &command);
        browser
    }

    /// The driver says which port it has.
    fn address(driver: &Live) -> String {
        let mut said = String::new();
        loop {
            said += &String::from_utf8(driver.hear(1)).unwrap();
            let port = said
                .split_once("successfully on port ")
                .map(|(_, rest)| rest);
            if let Some((port, _)) = port.and_then(|rest| rest.split_once('.')) {
                return format!("127.0.0.1:{port}");
            }
        }
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let path = match self.session.as_str() {
            "" => path.to_owned(),
            session => format!("/session/{session}{path}"),
        };
        // The driver keeps connections open, whatever it is asked for.
        let mut curl = Command::new("curl");
        curl.args([
            "-s",
            "-X",
            method,
            &format!("http://{}{path}", self.address),
        ]);
        if method == "POST" {
            curl.args(["--data-binary", &body.to_string()]);
        }
        let answer = curl.output().unwrap().stdout;
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}\n{answer}");
        answer["value"].take()
    }

    fn open(&self, url: &str) {
        self.send("POST", "/url", &json!({"url": url}));
    }

    fn script(&self, script: &str) -> Value {
        let body = json!({"script": script, "args": []});
        self.send("POST", "/execute/sync", &body)
    }

    /// Waits until a condition is true.
    #[track_caller]
    fn until(&self, condition: &str) {
        let started = Instant::now();
        while self.script(&format!("return Boolean({condition})")) != true {
            let status = self.script("return document.getElementById('status').textContent");
            assert!(started.elapsed() < TIMEOUT, "{condition}: {status}");
        }
    }

    fn element(&self, selector: &str) -> String {
        let body = json!({"using": "css selector", "value": selector});
        let found = self.send("POST", "/element", &body);
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.send("POST", &format!("/element/{element}/click"), &json!({}));
    }

    fn types(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.send("POST", &format!("/element/{element}/clear"), &json!({}));
        let body = json!({"text": text});
        self.send("POST", &format!("/element/{element}/value"), &body);
    }

    /// The lines of a log since the last call.
    fn log(&self, kind: &str) -> Vec<Value> {
        let lines = self.send("POST", "/se/log", &json!({"type": kind}));
        lines.as_array().unwrap().clone()
    }

    /// The addresses that were requested since the last call.
    fn requests(&self) -> Vec<String> {
        let events = self.log("performance").into_iter().filter_map(|line| {
            let event: Value = serde_json::from_str(line["message"].as_str()?).ok()?;
            let message = &event["message"];
            let is_request = message["method"] == "Network.requestWillBeSent";
            let url = message["params"]["request"]["url"].as_str()?;
            is_request.then(|| url.to_owned())
        });
        events.collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver's programs end with the session, not with the driver.
        self.send("DELETE", "", &Value::Null);
    }
}

#[test]
fn a_browser_speaks_plays_and_saves() {
    if !has("chromedriver") || !has("curl") {
        return;
    }
    let mut server = Server::start("--seed 1");
    let (address, scene) = (server.address("http"), &server.scene);
    let browser = Browser::start(scene);
    browser.open(&format!("http://{address}/"));
    let value = |id: &str| browser.script(&format!("return document.getElementById('{id}').value"));
    browser.until("document.getElementById('voice').options.length > 1");
    assert_eq!(value("voice"), "tiny", "the default voice is chosen");
    assert_eq!(
        browser.script("return document.activeElement.tagName"),
        "BODY"
    );

    // A voice with speakers, the second of them.
    let choose = |id: &str, name: &str| {
        browser.click(&format!("#{id} option[value='{name}']"));
    };
    choose("voice", "tiny_multi");
    choose("speaker", "bob");
    browser.types("#text", "Hello there. And again.");
    browser.click("#speak");
    browser.until("running && running.player.context.state === 'running'");
    browser.until("!document.getElementById('download').hidden");
    browser.until("!running && document.getElementById('status').textContent === ''");
    browser.click("#download");
    let saved = scene.path("home/speech.wav");
    let started = Instant::now();
    while !saved.exists() {
        assert!(started.elapsed() < TIMEOUT, "no {}", saved.display());
    }
    let spoken = scene.spoken(
        "-m tiny_multi --speaker bob --seed 1",
        "Hello there. And again.",
    );
    assert_eq!(Wav::parse(&scene.read("home/speech.wav")), spoken);

    // Stopping ends the request.
    let text = "This sentence is spoken again and again. ".repeat(200);
    browser.script(&format!(
        "document.getElementById('text').value = {}",
        json!(text)
    ));
    browser.click("#speak");
    browser.until("running && running.player.end > 0");
    browser.click("#stop");
    browser.until("!running && document.getElementById('stop').disabled");
    server.until_idle();

    // Nothing came from elsewhere, and nothing was against the policy.
    let requests = browser.requests();
    assert!(requests.len() > 4, "{requests:?}");
    for url in &requests {
        let own = [
            format!("http://{address}/"),
            format!("blob:http://{address}/"),
        ];
        let is_own = own.iter().any(|own| url.starts_with(own)) || url == "data:,";
        assert!(is_own, "{url}");
    }
    let complaints = browser.log("browser");
    assert!(complaints.is_empty(), "{complaints:?}");
    // The policy holds: a script cannot ask another server.
    browser.script("fetch('http://127.0.0.1:1/').catch(() => { window.refused = true; })");
    browser.until("window.refused");
    let complaints = json!(browser.log("browser")).to_string();
    assert!(
        complaints.contains("Content Security Policy"),
        "{complaints}"
    );
}

#[test]
fn a_page_without_its_token_asks_for_it() {
    if !has("chromedriver") || !has("curl") {
        return;
    }
    let scene = Scene::new();
    let token = "0123456789abcdef0123456789abcdef";
    scene.write("token", token);
    let server = Server::start_in(scene, "--token-file token");
    let browser = Browser::start(&server.scene);
    browser.open(&format!("http://{}/", server.address("http")));
    browser.until("!document.getElementById('login').hidden");
    browser.types("#token", &format!("{token}\n"));
    browser.until("document.getElementById('voice').options.length > 1");
    assert_eq!(
        browser.script("return document.getElementById('status').textContent"),
        ""
    );
}
