// The table as Markdown, LaTeX and CSV: what it says, and what each format must escape.
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "report/report.h"
#include "report/table.h"
#include "tests/support/records.h"
#include "tests/support/temp_path.h"

namespace mote::report {
namespace {

Records made_records(const testing::MadeStudy& study) {
  const std::string runs = temp_path("formats");
  std::filesystem::remove_all(runs);
  testing::write_records(runs, study);
  return read_records({runs});
}

testing::MadeStudy named(const std::string& network) {
  testing::MadeStudy study;
  study.networks = {{network}};
  study.data = {"mnist"};
  study.recipes = {"float32", "int8"};
  return study;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Fields of RFC 4180, read by a reader of the test's own.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"')
      rows.back().back() += text[i++];
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && c == ',')
      rows.back().emplace_back();
    else if (!quoted && c == '\n')
      rows.push_back({""});
    else if (quoted || c != '\r')
      rows.back().back() += c;
  }
  rows.pop_back();
  return rows;
}

TEST(TextOf, LooksLikeFiguresOfAPaper) {
  EXPECT_EQ(text_of(Format::count, 1234567), "1,234,567");
  EXPECT_EQ(text_of(Format::percent, 0.92314), "92.31");
  EXPECT_EQ(text_of(Format::points, 0.125), "+0.12");
  EXPECT_EQ(text_of(Format::points, -0.001), "0.00");
  EXPECT_EQ(text_of(Format::probability, 0.0004), "< 0.001");
  EXPECT_EQ(text_of(Format::number, 3.14159), "3.14");
  EXPECT_EQ(text_of(Format::number, 1999.7), "2,000");
  EXPECT_EQ(text_of(Format::number, 1e300), "1e+300");
  EXPECT_EQ(text_of(Format::interval, Json{12.345, 123.4}), "12.3 to 123");
  EXPECT_EQ(text_of(Format::count, Json()), "");
}

TEST(Markdown, HasOneTablePerDataSetAndDevice) {
  testing::MadeStudy study;
  study.devices = {"microbit", "mps2-an386"};
  const std::string text = markdown(made_records(study));
  const std::vector<std::string> lines = lines_of(text);
  EXPECT_EQ(std::ranges::count_if(lines, [](const auto& l) { return l.starts_with("**"); }), 4);
  EXPECT_EQ(lines[0], "**cifar-10, microbit**");
  EXPECT_EQ(std::ranges::count_if(lines, [](const auto& l) { return l.starts_with("| "); }),
            4 + 5 * 2 * 5 * 2);
  EXPECT_NE(text.find("does not fit: flash is "), std::string::npos);
  EXPECT_EQ(text.find("| seed |"), std::string::npos);
}

TEST(Markdown, WhatRanFromExternalMemoryShowsItsInstructionsAndByHowMuchItDoesNotFit) {
  testing::MadeStudy study;
  study.devices = {"microbit"};
  Records records = made_records(study);
  const auto found = std::ranges::find_if(records.tasks, &Task::too_large);
  ASSERT_NE(found, records.tasks.end());
  found->record["result"]["firmware"]["instructions"] = 1234567;
  EXPECT_NE(markdown(records).find("| 1,234,567 (does not fit: flash is "), std::string::npos);
}

TEST(Markdown, EscapesWhatWouldBreakATable) {
  const std::string text = markdown(made_records(named("a|b\n<img src=x>`*[l](u)")));
  EXPECT_NE(text.find("| a\\|b &lt;img src=x&gt;\\`\\*\\[l\\](u) |"), std::string::npos) << text;
}

TEST(Markdown, ShowsSeedsWhereThereAreSeveral) {
  testing::MadeStudy study = named("custom");
  study.seeds = 2;
  EXPECT_NE(markdown(made_records(study)).find("| seed |"), std::string::npos);
}

TEST(Formats, FailedTasksAreRows) {
  testing::MadeStudy study = named("custom");
  study.recipes = {"int16x8"};
  study.one_failure = true;
  const Records records = made_records(study);
  const std::string reason = "failed: compress: unsupported: SpaceToDepth has no int16 kernel";
  EXPECT_NE(markdown(records).find(reason), std::string::npos);
  EXPECT_NE(latex(records).find(reason), std::string::npos);
  const auto rows = parse_csv(csv(records));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1][0], "compress");
}

TEST(Latex, EscapesAllSpecials) {
  const std::string text = latex(made_records(named("a_b%c&d#e$f{g}h\\i~j^k<l>")));
  EXPECT_NE(text.find("a\\_b\\%c\\&d\\#e\\$f\\{g\\}h\\textbackslash{}i\\textasciitilde{}j"
                      "\\textasciicircum{}k\\textless{}l\\textgreater{} & "),
            std::string::npos)
      << text;
  // Of packages it asks for booktabs alone, so no command may need another font encoding.
  const std::string quoted = latex(made_records(named("the \"new\" `one`|other")));
  EXPECT_NE(quoted.find("the \\char34{}new\\char34{} \\char96{}one\\char96{}\\textbar{}other & "),
            std::string::npos)
      << quoted;
  for (const char* part : {"\\toprule", "\\midrule", "\\bottomrule", "\\begin{tabular}{ll"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST(Csv, ReadsBackWithAllColumnsAndExactNumbers) {
  const std::string name = "a,\"b\"\nc";
  const Records records = made_records(named(name));
  const auto rows = parse_csv(csv(records));
  ASSERT_EQ(rows.size(), 3u);
  const auto place = [&](const std::string& key) {
    return static_cast<size_t>(std::ranges::find(rows[0], key) - rows[0].begin());
  };
  size_t row = 1;
  for (const Task& task : records.tasks) {
    if (!task.measure()) continue;
    EXPECT_EQ(rows[row].size(), rows[0].size());
    EXPECT_EQ(rows[row][place("network")], name);
    EXPECT_EQ(rows[row][place("flash_bytes")], task.at("/result/firmware/flash_bytes").dump());
    EXPECT_EQ(std::stod(rows[row][place("top1_low")]),
              task.at("/result/evaluation/top1_interval")[0].get<double>());
    row++;
  }
}

TEST(Csv, SpreadsheetsRunNothing) {
  const auto rows = parse_csv(csv(made_records(named("=HYPERLINK(\"u\")"))));
  EXPECT_EQ(rows[1][2], "'=HYPERLINK(\"u\")");
}

}  // namespace
}  // namespace mote::report
