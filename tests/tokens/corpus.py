"""Texts in many languages and kinds, to be counted."""

LANGUAGES = {
    "english": "It's easy: they've said we'll meet at 10:30, haven't they? I'D BE GLAD.",
    "german": "Die Straßenverkehrsordnung gilt auch für Fußgänger – 'ne Ausnahme gibt's nicht.",
    "french": "L’été, où qu'il aille, l'élève s'ennuie ; « naïveté », 1 234,50 € déjà dépensés.",
    "spanish": "¿Cuántos años tenías cuando empezó? ¡Ninguno! El niño comió piñas y jalapeños.",
    "russian": "Съешь же ещё этих мягких французских булок, да выпей чаю. Объём — 3,5 л.",
    "greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία· τι ώρα είναι;",
    "arabic": "صِف خَلقَ خَودٍ كَمِثلِ الشَمسِ إِذ بَزَغَت — يَحظى الضَجيعُ بِها ١٢٣٤٥٦",
    "hebrew": "דג סקרן שט בים מאוכזב ולפתע מצא חברה. שָׁלוֹם!",
    "hindi": "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश करने वाले। १२३४",
    "thai": "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กว่าบรรดาฝูงสัตว์เดรัจฉาน ๑๒๓",
    "chinese": "我能吞下玻璃而不伤身体。你好,世界!《红楼梦》一共一百二十回……第3章",
    "japanese": "いろはにほへと ちりぬるを。カタカナも漢字も「お誕生日おめでとう」ｶﾅ",
    "korean": "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다.",
    "vietnamese": "Do bạch kim rất quý nên sẽ dùng để lắp vô xương. ĐƯỜNG ĐI KHÓ",
}

CODE = {
    "python": '''async def f(x: int = 0) -> "list[str]":
    """Doc."""
    return [f"{x!r:>10}" for _ in range(0x1F)]  # comment\n\n\n\tif __name__ == "__main__":\r\n''',
    "c": '#include <stdio.h>\nint main(void) { return printf("%d\\n", 1<<31 ^ ~0u); } /* // */\n',
    "json": '{"a":[1,2.5e-10,null,true],"b":{"c":"\\u00e9\\n"},"digits":12345678901234567890}',
    "shell": "for f in *.txt; do sed -i 's/foo/bar/g' \"$f\" && echo ${f%.txt}; done 2>/dev/null\n",
    "html": "<a href='https://example.org/?q=1&amp;r=2#x'>l'été</a>\n\n\n   <br/>\n",
    "base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA==",
}

ODD = {
    "special tokens": "<|endoftext|> <|im_start|>system<|im_sep|> <|fim_prefix|> <|endofprompt|>",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 ❤️❤️ 🇩🇪🇫🇷 1️⃣ 👍🏽",
    "marks": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢ e\u0301\u0301 \u200b\u200d\ufeff",
    "controls": "a\x00b\x1b[31mred\x1c\x1d\x1e\x1f\x7f\x85\u2028\u2029\xa0\u3000",
    "white space": "   \n \t\t\r\n\r\n   x  \n\n\n\n    ",
    "numbers": "3.14159 1,000,000 ½ ² Ⅷ 𝟘𝟙𝟚 0xDEADBEEF",
    "empty": "",
}

CORPUS = {**LANGUAGES, **CODE, **ODD}
