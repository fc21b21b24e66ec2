// Reports in a program that has set a locale, and numbers at the ends of their range.
#include <filesystem>

#include <gtest/gtest.h>

#include "base/file.h"
#include "report/report.h"
#include "tests/support/locales.h"
#include "tests/support/records.h"
#include "tests/support/temp_path.h"

namespace mote::report {
namespace {

std::vector<std::string> reports(const std::string& runs) {
  const Records records = read_records({runs});
  return {html(records, {"0.1.0", "mote report"}), markdown(records), latex(records), csv(records)};
}

TEST(ReportLocale, ChangesNoByte) {
  const std::string runs = temp_path("locale");
  testing::write_records(runs, {});
  const auto expected = reports(runs);
  for (const char* name : {"tr_TR.UTF-8", "de_DE.UTF-8"}) {
    const testing::LocaleOfTest locale(name);
    if (!locale.there()) GTEST_SKIP() << locale.why_not();
    EXPECT_TRUE(reports(runs) == expected) << name;
  }
}

// Very different models of much data: p is below the least normal number, or 0.
TEST(ReportNumbers, TheSmallestProbabilitiesAreShown) {
  for (const char* p : {"4.94e-324", "1.2e-310", "2.2e-308", "0.0"}) {
    const std::string runs = temp_path("small");
    std::filesystem::remove_all(runs);
    testing::write_records(runs, {});
    bool found = false;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(runs)) {
      if (entry.path().filename() != "record.json") continue;
      const Bytes bytes = read_file(entry.path());
      std::string text(bytes.begin(), bytes.end());
      const std::string old = "0.043";
      const size_t at = text.find(old);
      if (at == text.npos) continue;
      found = true;
      write_file(entry.path(), text.replace(at, old.size(), p));
    }
    EXPECT_TRUE(found);
    EXPECT_EQ(reports(runs).size(), 4u) << p;
  }
}

}  // namespace
}  // namespace mote::report
