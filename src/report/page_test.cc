// The page: hostile names stay text, it refers to nothing, the same records give the same bytes,
// and many records stay small. tests/browser looks at it in a browser.
#include <filesystem>
#include <regex>

#include <gtest/gtest.h>

#include "report/pack.h"
#include "report/report.h"
#include "tests/support/records.h"
#include "tests/support/temp_path.h"

namespace mote::report {
namespace {

const Made kMade{"0.1.0", "mote report runs -o report.html"};

Records made_records(const std::string& name, const testing::MadeStudy& study) {
  const std::string runs = temp_path(name);
  std::filesystem::remove_all(runs);
  testing::write_records(runs, study);
  return read_records({runs});
}

size_t count(const std::string& text, const std::string& part) {
  size_t number = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) number++;
  return number;
}

TEST(Page, HostileNamesAreText) {
  testing::MadeStudy study;
  study.networks = {{"</script><script>alert(1)</script>"}, {"<!--<img src=x onerror=alert(1)>"}};
  study.data = {"\"'&<b>"};
  const std::string plain = html(made_records("plain", {}), kMade);
  const std::string page = html(made_records("hostile", study), kMade);
  for (const char* part : {"<script", "</script", "<!--", "<img", "<b>"})
    EXPECT_EQ(count(page, part), count(plain, part)) << part;
  EXPECT_NE(page.find("\\u003c/script>\\u003cscript>alert(1)"), std::string::npos);
}

TEST(Page, NamesOfFoldersAreEscapedInTheTitle) {
  const Records records = made_records("<b>&amp;", {});
  EXPECT_NE(html(records, kMade).find("<title>&lt;b&gt;&amp;amp; "), std::string::npos);
}

TEST(Page, RefersToNothingOutsideItself) {
  const std::string page = html(made_records("alone", {}), kMade);
  const std::regex reference(R"re((src|href|srcset|action)="(?!#|data:,)[^"]*")re");
  std::smatch match;
  EXPECT_FALSE(std::regex_search(page, match, reference)) << match.str();
  EXPECT_EQ(page.find("@import"), std::string::npos);
  EXPECT_EQ(page.find("{{"), page.find("{{", page.find("Chart.js v3"))) << "an unfilled field";
}

TEST(Page, IsTheSameForTheSameRecords) {
  testing::MadeStudy study;
  study.one_failure = true;
  const std::string first = html(made_records("again", study), kMade);
  EXPECT_EQ(first, html(made_records("again", study), kMade));
}

TEST(Page, OfAThousandModelsIsBelowFiveMegabytes) {
  const Records records = made_records("large", testing::large_study());
  EXPECT_EQ(std::ranges::count_if(records.tasks, &Task::measure), 1000);
  const std::string page = html(records, kMade);
  std::printf("the page of 1,000 measured models has %zu bytes\n", page.size());
  EXPECT_LT(page.size(), 5'000'000u);
}

// What is packed is what the records say.
TEST(Pack, KeepsTheFigures) {
  const Records records = made_records("figures", {});
  const Json packed = pack(records, kMade);
  size_t row = 0;
  for (const Task& task : records.tasks) {
    if (!task.measure()) continue;
    EXPECT_EQ(packed["values"]["flash_bytes"][row], task.at("/result/firmware/flash_bytes"));
    EXPECT_NEAR(packed["values"]["top1"][row].get<double>(),
                task.at("/result/evaluation/top1").get<double>(), 1e-6);
    EXPECT_EQ(packed["texts"][packed["values"]["network"][row].get<size_t>()],
              task.at("/cell/network"));
    const Json& macs = packed["lists"][packed["details"]["layer_macs"][row].get<size_t>()];
    EXPECT_EQ(macs, task.at("/result/layers/macs"));
    const Json& counts = packed["details"]["mix_counts"][row];
    if (const Json& mix = task.at("/result/firmware/mix"); mix.is_null())
      EXPECT_TRUE(counts.is_null());
    else
      EXPECT_EQ(packed["lists"][counts.get<size_t>()].size(), mix.size());
    row++;
  }
  EXPECT_EQ(packed["rows"], row);
  EXPECT_EQ(packed["trainings"].size(), 10u);
}

}  // namespace
}  // namespace mote::report
