// The report in a browser: Debian's Chromium, driven by playwright-core, judged by axe-core. Needs
// `chromium` and MOTE_BROWSER_DIR, the folder of tests/support/browser/package.json after `npm ci`.
// The checks are report.mjs, beside this file.
#include "report/report.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/damage.h"
#include "tests/support/places.h"
#include "tests/support/real_files.h"
#include "tests/support/records.h"
#include "tests/support/run_mote.h"
#include "tests/support/temp_path.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// The path of a program, empty where there is none.
std::string program(const std::string& name) {
  std::istringstream folders(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (::access((folder + "/" + name).c_str(), X_OK) == 0) return folder + "/" + name;
  return "";
}

class ReportInBrowser : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::folder_from("MOTE_BROWSER_DIR").empty())
      GTEST_SKIP() << "MOTE_BROWSER_DIR is not set";
    if (program("chromium").empty()) GTEST_SKIP() << "chromium is not installed";
    if (program("node").empty()) GTEST_SKIP() << "node is not installed";
    fs::remove_all(runs_);
  }

  // Runs a check of report.mjs on the page of what lies in `runs_`.
  void expect(const std::string& check) const {
    const std::string page = temp_path("report.html"), output = temp_path("browser.txt");
    write_file(page, report::html(report::read_records({runs_}),
                                  {"0.1.0", "mote report runs", published_}));
    const std::string command = fmt::format(
        "node {} {} {} {} {} >{} 2>&1", shell_word(source_path("tests/browser/report.mjs")),
        shell_word(testing::folder_from("MOTE_BROWSER_DIR")), shell_word(program("chromium")),
        check, shell_word(page), shell_word(output));
    const int status = std::system(command.c_str());
    EXPECT_EQ(status, 0) << text_of_file(output);
    if (status == 0) std::printf("%s", text_of_file(output).c_str());
  }

  const std::string runs_ = temp_path("runs");
  // One that tells no accuracy in numbers, and one that does.
  const std::vector<report::Published> published_ = {
      {"<b>MobileNet</b>", 77.01, {}, "minimal loss", "", "a paper, 2025"},
      {"another", 50, -0.3, "", "gzip", "another paper", {"cifar-10"}}};
};

TEST_F(ReportInBrowser, LooksRightAtBothWidthsAndInBothThemes) {
  testing::MadeStudy study;
  study.one_failure = true;
  study.devices = {"microbit", "mps2-an386"};
  testing::write_records(runs_, study);
  expect("looks");
}

TEST_F(ReportInBrowser, SortsByMouseAndKeyboard) {
  testing::write_records(runs_);
  expect("sorts");
}

TEST_F(ReportInBrowser, FiltersByMouseAndKeyboard) {
  testing::write_records(runs_);
  expect("filters");
}

TEST_F(ReportInBrowser, OpensModelsByMouseAndKeyboard) {
  testing::write_records(runs_);
  expect("opensModels");
}

// Which is no baseline, though its scheme is float32 as well.
TEST_F(ReportInBrowser, ComparesWhatIsPrunedWithFloat32) {
  testing::MadeStudy study;
  study.networks = {{"resnet20_v1", 0.914, 31, 272'000, 40'800'000}};
  study.data = {"mnist"};
  study.recipes = {"float32", "int8", "prune"};
  testing::write_records(runs_, study);
  expect("comparesPruned");
}

TEST_F(ReportInBrowser, ShowsWhatWasPublishedAndSavesFigures) {
  testing::write_records(runs_);
  expect("published");
  expect("savesPictures");
}

TEST_F(ReportInBrowser, OfAThousandModelsIsQuick) {
  testing::write_records(runs_, testing::large_study());
  expect("isQuick");
}

TEST_F(ReportInBrowser, OfAHundredClassesLooksRight) {
  testing::MadeStudy study;
  study.data = {"cifar-100"};
  study.classes = 100;
  testing::write_records(runs_, study);
  expect("looks");
}

TEST_F(ReportInBrowser, ShowsNamesAsText) {
  testing::MadeStudy study;
  study.networks = {{"</script><script>globalThis.ran = 1</script>"},
                    {"<img src=x onerror='globalThis.ran = 1'>"},
                    {"__proto__"}};
  study.data = {"\"'&<b>", "{{title}}"};
  testing::write_records(runs_, study);
  expect("showsNamesAsText");
}

// Each record in turn has another of its values replaced; one is cut.
TEST_F(ReportInBrowser, SurvivesDamage) {
  testing::write_records(runs_);
  const std::vector<testing::RecordJson> others = testing::unexpected_values();
  size_t number = 0;
  for (const std::string& file : testing::files_below(runs_, ".json")) {
    if (!file.ends_with("/record.json")) continue;
    testing::RecordJson record = testing::RecordJson::parse(text_of_file(file));
    if (record["task"] != "measure") continue;
    const std::vector<std::string> places = testing::places_of(record["result"]);
    const std::string& place = places[number * 7 % places.size()];
    record["result"][testing::RecordJson::json_pointer(place)] = others[number % others.size()];
    if (number == 0) record["result"]["evaluation"]["top1"] = "much";
    const std::string text = record.dump();
    std::ofstream(file) << (number == 1 ? text.substr(0, text.size() / 2) : text);
    number++;
  }
  expect("survivesDamage");
}

TEST_F(ReportInBrowser, Prints) {
  testing::write_records(runs_);
  expect("prints");
}

}  // namespace
}  // namespace mote
