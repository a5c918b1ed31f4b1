//! Rules for the commonest characters with several readings, where no phrase
//! decides.

/// Phrases that the table in `assets/pinyin` does not have, or not in their
/// commonest reading.
#[rustfmt::skip] // one subject per line
pub(super) const PHRASES: [&str; 63] = [
    "为人民 wei4 ren2 min2", "大夫 dai4 fu5", "一行人 yi1 xing2 ren2",
    "数一数 shu3 yi1 shu3", "数不清 shu3 bu4 qing1", "数了数 shu3 le5 shu3", "倒计时 dao4 ji4 shi2",
    "量一量 liang2 yi1 liang2", "量体温 liang2 ti3 wen1", "量血压 liang2 xue4 ya1",
    "朝霞 zhao1 xia2", "没空 mei2 kong4", "有空 you3 kong4", "抽空 chou1 kong4",
    "音乐 yin1 yue4", "快乐 kuai4 le4", "乐队 yue4 dui4", "乐器 yue4 qi4",
    "都是 dou1 shi4", "还有 hai2 you3", "还没 hai2 mei2", "还在 hai2 zai4",
    "还给 huan2 gei3", "归还 gui1 huan2", "觉得 jue2 de5", "记得 ji4 de5", "值得 zhi2 de5",
    "显得 xian3 de5", "懂得 dong3 de5", "获得 huo4 de2", "取得 qu3 de2", "得到 de2 dao4",
    "得出 de2 chu1", "非得 fei1 dei3", "总得 zong3 dei3", "必得 bi4 dei3", "得很 de5 hen3",
    "地上 di4 shang4", "地下 di4 xia4", "地里 di4 li3", "地方 di4 fang1", "地点 di4 dian3",
    "地面 di4 mian4", "土地 tu3 di4", "当地 dang1 di4", "各地 ge4 di4", "天地 tian1 di4",
    "为了 wei4 le5", "因为 yin1 wei4", "分之 fen1 zhi1", "长得 zhang3 de5", "生长 sheng1 zhang3",
    "角色 jue2 se4", "上行 shang4 xing2", "落了 luo4 le5", "人参加 ren2 can1 jia1",
    "这种树 zhe4 zhong3 shu4", "那种树 na4 zhong3 shu4",
    "想得到 xiang3 de2 dao4", "和面包 he2 mian4 bao1", "姓曾 xing4 zeng1", "背着 bei1 zhe5", "还是 hai2 shi4",
];

const NUMERALS: &str = "〇零一二三四五六七八九十百千万亿两几每这那哪";
const PRONOUNS: &str = "我你您他她它们咱谁就也都还可真只";
const DEGREES: &str = "很太真多更最好这那么非常挺特够较";

/// Returns the reading of the character at `at`, which is in no phrase, if its
/// neighbours decide it.
pub(super) fn reading(text: &[(char, Option<&'static str>)], at: usize) -> Option<&'static str> {
    let character = |at: Option<usize>| Some(text.get(at?)?).filter(|(_, r)| r.is_some());
    let before = character(at.checked_sub(1)).map(|(c, _)| *c);
    let after = character(at.checked_add(1)).map(|(c, _)| *c);
    let is_before = |list: &str| before.is_some_and(|c| list.contains(c));
    let is_after = |list: &str| after.is_some_and(|c| list.contains(c));
    match text[at].0 {
        // 跑得快; 我得走了; 他得了奖
        '得' if is_after("了奖分知过票病") || before.is_none() => None,
        '得' if is_before(PRONOUNS) => after.and(Some("dei3")),
        '得' => Some("de5"),
        // 慢慢地走, 认真地听; 这块地
        '地' if after.is_some() && is_adverb(text, at) => Some("de5"),
        '长' if is_after("大高出成胖满到着") && !is_before(DEGREES) => Some("zhang3"),
        '还' if is_after("钱书债款清贷账给你我他她") => Some("huan2"),
        '教' if is_after("我你您他她它书英汉中数语孩过得了小学画唱") => {
            Some("jiao1")
        }
        '数' if is_after("着出到") => Some("shu3"),
        '干' if is_after("了") && is_before("都晒吹擦烘晾喝") => Some("gan1"),
        '种' if is_before("这那几哪各每多两一某何") => None,
        '种' if is_after("树花菜田草粮瓜豆地下了在着") => Some("zhong4"),
        '只' if is_before(NUMERALS) => Some("zhi1"),
        '行' if is_before(NUMERALS) => Some("hang2"),
        '重' if is_after("写做来说试启装设修看考选播放画走算印") => {
            Some("chong2")
        }
        '弹' if is_after("琴钢吉奏古唱性簧力") => Some("tan2"),
        '倒' if is_before("摔跌打推晕病吹撞") || is_after("下闭塌霉") => Some("dao3"),
        '为' if is_after("一二三四五六七八九十两零") => Some("wei2"),
        '朝' if is_after("气阳夕露") => Some("zhao1"),
        _ => None,
    }
}

/// Whether the word before 地 is an adverb: a doubled character, or a word that
/// often is one.
fn is_adverb(text: &[(char, Option<&'static str>)], at: usize) -> bool {
    const ADVERBS: &str = "认真 高兴 仔细 努力 迅速 积极 安静 不断 突然 热情 轻松 顺利 简单 大声 \
        小声 小心 耐心 专心 用心 细心 关心 开心 愉快 热烈 充分 自然 不停 不住 特别 明显 严格 主动 \
        自动 成功 清楚 快速 逐步 逐渐 激动 兴奋 温柔 平静 勇敢 坚定 正确 有效 全面 直接 完全 飞快 \
        疯狂 狠狠 亲切 礼貌 生气 伤心 难过 骄傲 自由 公开 秘密 一致 强烈 深刻 紧紧 吃惊 惊讶 着急 \
        匆忙 不安 幸福 甜蜜 熟练 灵活 准确 及时 客观 科学 合理 坚决 无情 无声 为难 得意 满意 诚恳";
    let before: Vec<char> = text[..at].iter().rev().take(2).map(|(c, _)| *c).collect();
    match before[..] {
        [last, first] if last == first => true,
        [last, first] => {
            let word: String = [first, last].iter().collect();
            ADVERBS.split_whitespace().any(|adverb| adverb == word)
        }
        _ => false,
    }
}
