// The command line as its users and scripts see it: exit codes, errors, help, JSON.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "base/file.h"
#include "ir/mote_file.h"
#include "ir/scheme.h"
#include "ir/text.h"
#include "tests/support/places.h"
#include "tests/support/records.h"
#include "tests/support/run_mote.h"
#include "tests/support/temp_path.h"

namespace mote {
namespace {

const std::vector<std::string> kVerbs{"train",   "compress",  "optimize",  "evaluate", "run",
                                      "inspect", "deploy",    "report",    "devices",  "kernels",
                                      "recipes", "data list", "data fetch"};

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Runs `line`, expects an error and gives its line.
std::string error_of(const std::string& line, int exit_code) {
  const Outcome outcome = run_mote(words(line));
  EXPECT_EQ(outcome.exit_code, exit_code) << line << ": " << outcome.err;
  EXPECT_EQ(outcome.out, "") << line;
  EXPECT_TRUE(outcome.err.starts_with("mote: ")) << outcome.err;
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  return outcome.err;
}

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

TEST(Help, EveryVerbHasExamplesAndTheCommonOptions) {
  for (const std::string& verb : kVerbs) {
    const Outcome outcome = run_mote(words(verb + " --help"));
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    for (const char* part : {"Examples:", "--seed", "--threads", "--json", "--quiet"})
      expect_contains(outcome.out, part);
  }
  const Outcome all = run_mote({"--help"});
  EXPECT_EQ(all.exit_code, 0);
  for (const std::string& verb : kVerbs) expect_contains(all.out, words(verb)[0]);
}

TEST(Version, IsOneLine) {
  const Outcome outcome = run_mote({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(outcome.out.starts_with("mote 0.")) << outcome.out;
}

TEST(Usage, MistypedWordsGetTheNearestOne) {
  expect_contains(error_of("evalute x.tflite", 2), "did you mean `evaluate`?");
  expect_contains(error_of("data lst", 2), "did you mean `list`?");
  expect_contains(error_of("train zoo:custom --dta glyphs", 2),
                  "unknown option '--dta' (did you mean `--data`?)");
  expect_contains(error_of("devices --jsn=1", 2), "did you mean `--json`?");
  expect_contains(error_of("inspect zoo:custom --frobnicate", 2), "see `mote inspect --help`");
}

TEST(Usage, WhatIsMissingOrWrongIsNamed) {
  error_of("", 2);
  expect_contains(error_of("train zoo:custom --data glyphs", 2), "--output");
  expect_contains(error_of("train zoo:nothing --data glyphs -o x.tflite", 2), "custom");
  expect_contains(error_of("train zoo:custom --data nothing -o x.tflite", 2), "glyphs");
  expect_contains(error_of("train zoo:custom --data glyphs -o x.onnx", 2), ".tflite or .mote");
  expect_contains(error_of("train zoo:custom --data glyphs -o /nowhere/x.mote", 2), "/nowhere");
  expect_contains(error_of("deploy zoo:custom --device nothing -o x", 2), "microbit");
  expect_contains(error_of("compress zoo:custom --data glyphs --recipe no -o x.mote", 2), "int8");
  expect_contains(error_of("evaluate zoo:custom --data glyphs --split all", 2), "--split");
  expect_contains(error_of("evaluate zoo:custom --data glyphs --engine warp", 2), "reference");
  expect_contains(error_of("evaluate zoo:custom --data glyphs", 2), "[1, 28, 28, 1]");
}

TEST(Errors, DamagedInputIsThreeAndNamesTheFile) {
  const std::string folder = test_folder();
  expect_contains(error_of("inspect /nowhere/m.tflite", 3), "/nowhere/m.tflite");
  write_file(folder + "m.tflite", std::string_view("no model"));
  expect_contains(error_of("inspect " + folder + "m.tflite", 3), folder + "m.tflite");
  expect_contains(error_of("inspect " + folder + "m.tflite --json", 3), folder + "m.tflite");
  write_file(folder + "d.npz", std::string_view("no archive"));
  expect_contains(error_of("evaluate zoo:custom --data " + folder + "d.npz", 3), folder + "d.npz");
  write_file(folder + "r.toml", std::string_view("name = \"r\"\nsteps = 1\n"));
  expect_contains(error_of("compress zoo:custom --data glyphs -o " + folder + "x.mote --recipe " +
                               folder + "r.toml",
                           3),
                  "r.toml:2");
}

TEST(Errors, WhatMoteCannotDoIsFour) {
  expect_contains(error_of("evaluate zoo:custom --data " + test_folder(), 4), "folders of images");
}

TEST(Errors, WhatDoesNotFitIsFiveAndSaysByHowMuch) {
  const std::string folder = test_folder();
  expect_contains(error_of("deploy zoo:resnet8 --device microbit -o " + folder + "fw", 5),
                  "bytes too many");
  EXPECT_THROW(read_file(folder + "fw/resnet8.c"), std::exception);
}

TEST(Errors, AFullDiskUnderStdoutIsAnError) {
  const std::string command = shell_word(build_path("mote")) + " devices >/dev/full 2>/dev/null";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 2);
}

TEST(Deploy, WithoutTheDevicesCompilerTheFirmwareIsWrittenAllTheSame) {
  const std::string folder = temp_path("no_compiler/");
  std::filesystem::create_directories(folder);
  std::string device = text_of_file(source_path("src/deploy/devices/mps2-an386.toml"));
  const std::string compiler = "arm-none-eabi-gcc";
  device.replace(device.find(compiler), compiler.size(), "no-such-compiler");
  write_file(folder + "board.toml", device);
  const Outcome outcome = run_mote({"deploy", "zoo:lenet5", "--device", folder + "board.toml", "-o",
                                    folder + "firmware", "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(outcome.json().at("flash_bytes").is_null());
  EXPECT_GT(outcome.json().at("constant_bytes"), 100000);
  EXPECT_TRUE(std::filesystem::exists(folder + "firmware/lenet5.c"));
}

TEST(Report, WritesThePageAndPrintsTables) {
  const std::string folder = test_folder(), runs = folder + "runs", page = folder + "report.html";
  const int64_t written = testing::write_records(runs);
  const Outcome outcome = run_mote({"report", runs, "-o", page, "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.json().at("records"), written);
  EXPECT_TRUE(text_of_file(page).starts_with("<!doctype html>"));
  const Outcome table = run_mote({"report", runs, "--format", "md"});
  EXPECT_EQ(run_mote({"report", runs, "-o", folder + "table.md"}).exit_code, 0);
  EXPECT_EQ(table.out, text_of_file(folder + "table.md"));
  EXPECT_EQ(run_mote({"report", runs, "-o", folder + "t.tex"}).exit_code, 0);
  expect_contains(text_of_file(folder + "t.tex"), "\\toprule");
  expect_contains(error_of("report " + runs, 2), "-o report.html");
  expect_contains(error_of("report " + folder + " --format csv", 3), "mote study");
}

TEST(Report, OfDamagedRecordsIsWrittenAndNamesThem) {
  const std::string folder = test_folder(), runs = folder + "runs";
  testing::write_records(runs);
  std::filesystem::create_directories(runs + "/0123456789abcdef");
  write_file(runs + "/0123456789abcdef/record.json", std::string_view("{\"schema\": "));
  const Outcome outcome = run_mote({"report", runs, "-o", folder + "report.html"});
  EXPECT_EQ(outcome.exit_code, 3);
  expect_contains(outcome.err, "mote: runs/0123456789abcdef/record.json: is no JSON from byte ");
  expect_contains(text_of_file(folder + "report.html"), "0123456789abcdef");
}

TEST(Json, ListsAreOneObjectEachWithSchemaAndVersion) {
  for (const auto& [line, key] :
       std::vector<std::pair<std::string, std::string>>{{"devices", "devices"},
                                                        {"kernels", "kernels"},
                                                        {"recipes", "recipes"},
                                                        {"data list", "data"}}) {
    const Outcome outcome = run_mote(words(line + " --json"));
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    const nlohmann::json json = outcome.json();
    EXPECT_TRUE(json.at("schema").get<std::string>().starts_with("mote.")) << line;
    EXPECT_EQ("mote " + json.at("version").get<std::string>() + "\n", run_mote({"--version"}).out);
    EXPECT_FALSE(json.at(key).empty()) << line;
    for (const auto& row : json.at(key)) EXPECT_FALSE(row.at("name").get<std::string>().empty());
  }
}

TEST(Json, NamesTheBuiltInDevicesRecipesAndData) {
  const auto names = [](const std::string& line, const std::string& key) {
    const nlohmann::json json = run_mote(words(line + " --json")).json();
    std::vector<std::string> list;
    for (const auto& row : json.at(key)) list.push_back(row["name"]);
    return list;
  };
  const auto expect_member = [](const std::vector<std::string>& list, const std::string& name) {
    EXPECT_NE(std::ranges::find(list, name), list.end()) << name;
  };
  expect_member(names("devices", "devices"), "microbit");
  expect_member(names("devices", "devices"), "mps2-an386");
  expect_member(names("recipes", "recipes"), "float32");
  expect_member(names("recipes", "recipes"), "int8");
  EXPECT_EQ(names("data list", "data").at(0), "glyphs");
}

TEST(DataFetch, BringsNothingThatIsThereAndNamesWhatItDoesNotKnow) {
  const nlohmann::json json = run_mote(words("data fetch glyphs --json")).json();
  EXPECT_EQ(json.at("schema"), "mote.data.fetch/1");
  EXPECT_EQ(json.at("data")[0].at("folder"), "built in");
  EXPECT_EQ(json.at("data")[0].at("fetched_bytes"), 0);
  expect_contains(error_of("data fetch cifar-11", 2), "cifar-10, cifar-100");
}

TEST(DataFetch, AMirrorThatIsNotThereIsAnErrorWithTheRemedy) {
  const Outcome outcome =
      run_mote(words("data fetch mnist --mirror ftp://127.0.0.1/"),
               "MOTE_DATA_DIR=" + shell_word(test_folder()) + " XDG_CACHE_HOME=/nowhere");
  EXPECT_EQ(outcome.exit_code, 2);
  expect_contains(outcome.err, "ftp://127.0.0.1/train-images-idx3-ubyte.gz");
  expect_contains(outcome.err, "--mirror");
}

TEST(Schemes, TheTableIsInTheListAndItsRecipesInTheHelp) {
  const nlohmann::json json = run_mote({"recipes", "--json"}).json();
  const std::string table = run_mote({"recipes"}).out;
  const std::string help = run_mote({"compress", "--help"}).out;
  ASSERT_EQ(json.at("schemes").size(), schemes().size());
  for (size_t i = 0; i < schemes().size(); i++) {
    const SchemeInfo& info = schemes()[i];
    EXPECT_EQ(json.at("schemes")[i].at("name"), info.name);
    EXPECT_EQ(json.at("schemes")[i].at("activations"), name_of(info.activations));
    EXPECT_EQ(json.at("schemes")[i].at("weights"), name_of(info.weights));
    expect_contains(table, std::string(info.description));
    expect_contains(help, std::string(info.name));  // of its recipe
  }
}

TEST(Inspect, HasTheKeysThatScriptsRelyOn) {
  const nlohmann::json json = run_mote({"inspect", "zoo:resnet8", "--json"}).json();
  EXPECT_EQ(json.at("network"), "zoo:resnet8?input=32x32x3&classes=10&width=1");
  EXPECT_NEAR(json.at("macs").get<double>(), 12.5e6, 0.1e6);
  EXPECT_NEAR(json.at("parameters").get<double>(), 78e3, 1e3);
  EXPECT_EQ(json.at("file_bytes"), 0);
  EXPECT_GE(json.at("peak_ram_bytes"), json.at("ram_lower_bound_bytes"));
  EXPECT_GT(json.at("constant_bytes"), 4 * 77000);
  EXPECT_GT(json.at("operators").size(), 20u);
  EXPECT_EQ(json.at("operators")[0].at("operator"), "Conv2D");
}

// Both of the optimized graph: here a constant is folded, a pad, and a batch norm.
TEST(Inspect, CountsWhatDeployDeploys) {
  const std::string folder = test_folder();
  const Graph graph = parse(R"(graph small
input x: float32[1, 4, 4, 1]
  c: float32[3] = [1, 2, 3]
  w: float32[3, 3, 3, 1] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  gamma: float32[3] = [1, 2, 3]
  beta: float32[3] = [3, 2, 1]
  mean: float32[3] = [0, 1, 0]
  variance: float32[3] = [1, 1, 2]
padded: float32[1, 6, 6, 1] = Pad(x) {before: [0, 1, 1, 0], after: [0, 1, 1, 0]}
conv: float32[1, 4, 4, 3] = Conv2D(padded, w)
normal: float32[1, 4, 4, 3] = BatchNorm(conv, gamma, beta, mean, variance)
row: float32[1, 1, 1, 3] = Reshape(c) {shape: [1, 1, 1, 3]}
sum: float32[1, 4, 4, 3] = Add(normal, row)
output sum, row
)",
                            {}, "small");
  write_mote_file(folder + "small.mote", graph);
  const auto inspected = run_mote({"inspect", folder + "small.mote", "--json"}).json();
  const auto deployed = run_mote({"deploy", folder + "small.mote", "--device", "mps2-an386", "-o",
                                  folder + "small", "--json"})
                            .json();
  EXPECT_EQ(inspected.at("constant_bytes"), 4 * (27 + 3 + 3));
  EXPECT_EQ(deployed.at("constant_bytes"), inspected.at("constant_bytes"));
  EXPECT_EQ(deployed.at("arena_bytes"), inspected.at("peak_ram_bytes"));
}

// A trained network of 8 bits: codes are shorter, and take longer.
TEST(Inspect, AndDeployPreferFlashWhereTold) {
  const std::string model = source_path("results/custom/mnist/int8.tflite");
  const auto figures = [&](const std::string& prefer) {
    const auto inspected = run_mote({"inspect", model, "--prefer", prefer, "--json"}).json();
    const auto deployed = run_mote({"deploy", model, "--device", "microbit", "--prefer", prefer,
                                    "-o", test_folder() + "firmware", "--json"})
                              .json();
    EXPECT_EQ(inspected.at("weights"), deployed.at("weights"));
    EXPECT_EQ(inspected.at("constant_bytes"), deployed.at("constant_bytes"));
    return std::pair(inspected.at("constant_bytes").get<int64_t>(),
                     deployed.at("flash_bytes").get<int64_t>());
  };
  const auto [constants, flash] = figures("balance");
  const auto [fewer_constants, less_flash] = figures("flash");
  EXPECT_LT(fewer_constants, constants);
  EXPECT_LT(less_flash, flash);
  const Outcome wrong = run_mote({"inspect", model, "--prefer", "beauty"});
  EXPECT_EQ(wrong.exit_code, 2);
  expect_contains(wrong.err, "balance,flash");
}

TEST(Inspect, TheTextFormOfASmallGraphReadsBack) {
  const Outcome outcome = run_mote({"inspect", "zoo:lenet5", "--text"});
  EXPECT_EQ(outcome.exit_code, 0);
  expect_contains(outcome.out, "Conv2D");
  EXPECT_EQ(run_mote({"inspect", "zoo:lenet5", "--text", "--json"}).json().at("text"), outcome.out);
}

}  // namespace
}  // namespace mote
