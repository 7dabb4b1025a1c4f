"""The report's words, in each language that it is written in."""

from __future__ import annotations

ENGLISH, CHINESE = "en", "zh"

LANGUAGES = {ENGLISH: "en", CHINESE: "zh-CN"}
"""Each language with its tag for HTML."""

WORDS: dict[str, dict[str, str]] = {
    ENGLISH: {
        "report": "Picture report",
        "thumbnail": "The picture",
        "rejected": "Rejected",
        "rejected_because": "The picture was not scored",
        "technical": "Technical",
        "aesthetic": "Aesthetic",
        "score": "score",
        "distribution": "Share of opinions by score",
        "mean": "mean",
        "std": "std",
        "of_five": "of 5 stars",
        "style": "style",
        "standing": "Where it stands",
        "population": "Population",
        "better_than": "Scores higher than",
        "no_population": "Neither the model nor the catalogue states a population to compare with.",
        "deductions": "Deductions",
        "no_deductions": "Nothing is deducted.",
        "defect": "Defect",
        "severity": "Severity",
        "measure": "Measure",
        "confidence": "Confidence",
        "traits": "Traits",
        "trait": "Trait",
        "present": "yes",
        "absent": "no",
        "policy": "Marketplace main image",
        "passed": "passed",
        "failed": "failed",
        "advised": "advised",
        "check": "Check",
        "threshold": "Asked for",
        "result": "Result",
        "recommended_only": "recommended only",
        "facts": "Facts",
        "model": "Model",
        "preprocessing": "preprocessing",
        "scored_at": "Scored",
        "file": "File",
        "bytes": "bytes",
        "aspect": "Width over height",
        "cropped": "Only the centre was judged",
        "color_space": "Colour space",
        "reframed": "Re-framed to one fill before scoring; its own fill",
        "divisive": "Opinions are expected to be divided.",
        "possible_artistic_value": "Opinions are expected to be divided, which may be artistic value.",
    },
    CHINESE: {
        "report": "图片报告",
        "thumbnail": "图片",
        "rejected": "未评分",
        "rejected_because": "图片未被评分",
        "technical": "技术",
        "aesthetic": "美感",
        "score": "分",
        "distribution": "各分数所占的意见比例",
        "mean": "均值",
        "std": "标准差",
        "of_five": "星（满分 5 星）",
        "style": "风格",
        "standing": "所处位置",
        "population": "对比群体",
        "better_than": "得分高于",
        "no_population": "模型和图库都没有可供对比的群体。",
        "deductions": "扣分项",
        "no_deductions": "没有扣分项。",
        "defect": "缺陷",
        "severity": "严重程度",
        "measure": "测量值",
        "confidence": "可信度",
        "traits": "特征",
        "trait": "特征",
        "present": "是",
        "absent": "否",
        "policy": "电商平台主图要求",
        "passed": "通过",
        "failed": "未通过",
        "advised": "建议",
        "check": "检查项",
        "threshold": "要求",
        "result": "结果",
        "recommended_only": "仅为建议",
        "facts": "说明",
        "model": "模型",
        "preprocessing": "预处理",
        "scored_at": "评分时间",
        "file": "文件",
        "bytes": "字节",
        "aspect": "宽高比",
        "cropped": "只评估了中间部分",
        "color_space": "色彩空间",
        "reframed": "评分前已统一构图，原占比",
        "divisive": "预计意见分歧较大。",
        "possible_artistic_value": "预计意见分歧较大，可能具有艺术价值。",
    },
}

# What results say by code. In English they bring their own sentences, so that only names are needed.
NAMES: dict[str, dict[str, str]] = {
    ENGLISH: {
        "color_cast": "colour cast",
        "high": "high",
        "medium": "medium",
        "low": "low",
    },
    CHINESE: {
        "blur": "模糊",
        "overexposure": "过曝",
        "underexposure": "曝光不足",
        "noise": "噪点",
        "low_contrast": "对比度低",
        "compression": "压缩痕迹",
        "low_resolution": "分辨率低",
        "color_cast": "偏色",
        "monochrome": "单色",
        "high_contrast": "高对比度",
        "minimalist": "极简",
        "abstract": "抽象",
        "extreme_aspect": "极端宽高比",
        "tiny": "尺寸过小",
        "color_profile": "颜色配置文件不可用",
        "white_background": "纯白背景",
        "product_fill": "商品占比",
        "minimum_size": "最小尺寸",
        "zoom_size": "缩放所需尺寸",
        "recommended_size": "建议尺寸",
        "no_border": "无边框",
        "high": "高",
        "medium": "中",
        "low": "低",
        "poor": "差",
        "weak": "较差",
        "fair": "一般",
        "good": "良好",
        "very good": "很好",
        "excellent": "优秀",
        "general": "通用",
        "ecommerce": "电商",
        "landscape": "风景",
        "portrait": "人像",
        "creative": "创意",
        "custom": "自定义",
    },
}

SENTENCES: dict[str, dict[str, str]] = {
    CHINESE: {
        "blur": "最清晰的部分也偏软。",
        "overexposure": "主体有部分过曝成纯白。",
        "underexposure": "主体偏暗。",
        "noise": "平滑区域也有颗粒。",
        "low_contrast": "主体缺乏明暗层次。",
        "compression": "压缩过度，画质受损。",
        "low_resolution": "图片尺寸偏小。",
        "color_cast": "画面或背景带有色偏。",
        "monochrome": "NIMA 用彩色照片训练，对单色照片判断不准。",
        "high_contrast": "NIMA 对以黑白影调为主的图片判断不准。",
        "minimalist": "NIMA 会低估留白较多的极简图片。",
        "abstract": "NIMA 用照片训练，对图形和抽象艺术判断不准。",
        "extreme_aspect": "图片形状极端，只评估了中间部分。",
        "tiny": "图片的短边过小。",
        "color_profile": "无法使用颜色配置文件，颜色可能有偏差。",
        "image_too_large": "文件过大。",
        "unsupported_format": "文件不是受支持的图片格式。",
        "undecodable_image": "图片已损坏、不完整或为空。",
        "too_many_pixels": "图片像素过多。",
        "invalid_request": "图片的元数据无效。",
        "internal": "无法读取已保存的结果，请重新评分。",
    }
}


def choose_language(accept: str) -> str:
    """The language that an ``Accept-Language`` header prefers; English where it names none of ``LANGUAGES``."""
    wanted: list[tuple[float, str]] = []
    for part in accept.split(","):
        tag, _, parameters = part.strip().partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            quality = 0.0
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES and quality > 0:
            wanted.append((-quality, language))
    return min(wanted, key=lambda found: found[0])[1] if wanted else ENGLISH
