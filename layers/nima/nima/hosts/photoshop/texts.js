// @ts-check
"use strict";

/** What the panel itself says; what it says about codes comes along in `words.js`. */
module.exports = {
  en: {
    key: "API key",
    style: "Style",
    judge: "Judge the open document",
    judging: "Judging…",
    none: "No document is open.",
    reasons: "What costs points",
    noReasons: "Nothing.",
    advice: "What would help",
    noAdvice: "Nothing that it could try out.",
    scores: "{stars} of 5 stars: technical {technical}, aesthetic {aesthetic}, composite {composite}",
    percentile: "better than {percentile}% of {population}",
    bar: "{score}: {share}%",
    unreachable: "The API cannot be reached: {reason}",
    late: "no answer in {seconds} s",
    other: "What answers at {url} is another program.",
    status: "The API answers with status {status}.",
  },
  "zh-CN": {
    key: "API 密钥",
    style: "风格",
    judge: "评估当前文档",
    judging: "正在评估……",
    none: "没有打开的文档。",
    reasons: "扣分原因",
    noReasons: "没有。",
    advice: "改进建议",
    noAdvice: "没有可以试行的改进。",
    scores: "{stars} 星（共 5 星）：技术 {technical}，美学 {aesthetic}，综合 {composite}",
    percentile: "优于 {population}中的 {percentile}%",
    bar: "{score} 分：{share}%",
    unreachable: "无法连接 API：{reason}",
    late: "{seconds} 秒内没有应答",
    other: "在 {url} 应答的是其他程序。",
    status: "API 返回状态 {status}。",
  },
};
