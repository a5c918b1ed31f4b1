"""Step 5: the config of the graph, VOICE.onnx.json."""

import argparse
import json
from pathlib import Path

KEY = "en_US-slt-low"


def config(phoneme_id_map):
    return {
        "audio": {"sample_rate": 24000, "quality": "low"},
        "espeak": {"voice": "en-us"},
        "phoneme_type": "espeak",
        "num_symbols": 168,  # rows of the embedding
        "num_speakers": 1,
        "speaker_id_map": {},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_id_map": phoneme_id_map,
        "phoneme_map": {},
        "language": {
            "code": "en_US",
            "family": "en",
            "region": "US",
            "name_native": "English",
            "name_english": "English",
            "country_english": "United States",
        },
        "dataset": "slt",
        "piper_version": "1.0.0",
        "key": KEY,
        "hop_length": 120,
    }


def text(settings):
    return json.dumps(settings, indent=1, ensure_ascii=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="VOICE.onnx.json to write")
    options = parser.parse_args()

    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    options.out.write_text(text(config(DEFAULT_PHONEME_ID_MAP)), encoding="utf-8")


if __name__ == "__main__":
    main()
