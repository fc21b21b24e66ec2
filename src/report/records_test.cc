// Records from outside: what is whole is taken, what is damaged is named and left out.
#include "report/records.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "report/report.h"
#include "tests/support/damage.h"
#include "tests/support/records.h"
#include "tests/support/run_mote.h"
#include "tests/support/temp_path.h"

namespace mote::report {
namespace {

namespace fs = std::filesystem;

std::string fresh_folder(const std::string& name) {
  const std::string folder = temp_path(name);
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

testing::MadeStudy one_cell() {
  testing::MadeStudy study;
  study.networks.resize(1);
  study.data = {"mnist"};
  study.recipes = {"int8"};
  return study;
}

// The record of the one measured model of a study in `runs`.
std::string measure_file(const std::string& runs) {
  const Records records = read_records({runs});
  for (const Task& task : records.tasks)
    if (task.measure()) return runs + "/" + task.hash + "/record.json";
  return "";
}

TEST(Records, AWholeStudyHasNoProblems) {
  const std::string runs = fresh_folder("whole");
  const int64_t written = testing::write_records(runs);
  const Records records = read_records({runs});
  EXPECT_EQ(static_cast<int64_t>(records.tasks.size()), written);
  for (const Problem& problem : records.problems) ADD_FAILURE() << problem.text();
  EXPECT_EQ(records.names, std::vector<std::string>{"whole"});
  EXPECT_EQ(read_records({runs + "/."}).names, records.names);
  EXPECT_EQ(read_records({runs + "/"}).names, records.names);
}

// Two trainings of one name: rows keyed by it would mix.
TEST(Records, WhatOnlySharesANameIsToldApart) {
  const std::string runs = fresh_folder("shared");
  testing::MadeStudy study = one_cell();
  study.networks.push_back(study.networks[0]);
  testing::write_records(runs, study);
  int trainings = 0;
  for (const Task& task : read_records({runs}).tasks) {
    if (task.record.at("task") != "train" || ++trainings != 2) continue;
    const std::string file = runs + "/" + task.hash + "/record.json";
    nlohmann::ordered_json record = nlohmann::ordered_json::parse(std::ifstream(file));
    record["inputs"]["training"] = {{"epochs", 7}};
    std::ofstream(file) << record;
  }
  std::set<std::string> names;
  for (const Task& task : read_records({runs}).tasks)
    if (task.measure()) names.insert(task.text("/cell/network"));
  ASSERT_EQ(names.size(), 2u);
  for (const std::string& name : names) EXPECT_TRUE(name.starts_with("custom (")) << name;
}

TEST(Records, AreSortedByCellWithSchemesAsTheTableHasThem) {
  const std::string runs = fresh_folder("sorted");
  testing::write_records(runs);
  std::vector<std::string> order;
  for (const Task& task : read_records({runs}).tasks)
    if (task.measure() && task.text("/cell/data") == "mnist" &&
        task.text("/cell/network") == "custom")
      order.push_back(task.text("/cell/recipe"));
  EXPECT_EQ(order,
            (std::vector<std::string>{"float32", "float16", "dynamic_range", "int8", "int16x8"}));
}

TEST(Records, FoldersWithoutAnyAreAnError) {
  const std::string runs = fresh_folder("empty");
  try {
    read_records({runs});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    EXPECT_EQ(error.where, runs);
  }
  EXPECT_THROW(read_records({runs + "/nowhere"}), Error);
}

TEST(Records, UnfinishedTasksAreCounted) {
  const std::string runs = fresh_folder("unfinished");
  testing::write_records(runs, one_cell());
  fs::create_directories(runs + "/0123456789abcdef");
  fs::create_directories(runs + "/notes");
  EXPECT_EQ(read_records({runs}).unfinished, 1);
}

TEST(Records, OfTwoStudiesThatShareTasksCountOnce) {
  const std::string first = fresh_folder("first"), second = fresh_folder("second");
  testing::write_records(first, one_cell());
  testing::write_records(second, one_cell());
  Records records = read_records({first, second});
  EXPECT_EQ(records.tasks.size(), 3u);
  EXPECT_TRUE(records.problems.empty());

  const std::string file = measure_file(second);
  Json record = Json::parse(text_of_file(file));
  record["result"]["evaluation"]["top1"] = 0.125;
  write_file(file, record.dump());
  records = read_records({first, second});
  ASSERT_EQ(records.problems.size(), 1u);
  EXPECT_TRUE(records.problems[0].message.starts_with("differs from first/"));
}

// Each is one change of a measure record, and how the report names it.
struct Damage {
  const char* pointer;
  Json value;  // discarded: the key is taken away
  const char* key;
  const char* message;
};

TEST(Records, WhatLacksKeysOrHasWrongTypesIsNamed) {
  const Json away(Json::value_t::discarded);
  const std::vector<Damage> damages{
      {"/schema", "mote.task/9", "/schema", "is not mote.task/1"},
      {"/task", "guess", "/task", "is not train, import, compress or measure"},
      {"/status", 1, "/status", "is not done or failed"},
      {"/cell", away, "/cell", "is missing"},
      {"/cell/network", 12, "/cell/network", "is not a text"},
      {"/version", away, "/version", "is missing"},
      {"/result", Json::array(), "/result", "is not an object"},
      {"/result/evaluation", away, "/result/evaluation", "is missing"},
      {"/result/evaluation/top1", 1.5, "/result/evaluation/top1", "is not a number from 0 to 1"},
      {"/result/evaluation/top1", "0.9", "/result/evaluation/top1", "is not a number from 0 to 1"},
      {"/result/evaluation/top1_interval", Json{0.9, 0.1}, "/result/evaluation/top1_interval",
       "is not two numbers, the smaller first"},
      {"/result/evaluation/recall", Json{0.5}, "/result/evaluation/recall",
       "has another length than classes"},
      {"/result/evaluation/confusion", Json{{1, 2}, {3}}, "/result/evaluation/confusion",
       "is not a square matrix of whole numbers from 0"},
      {"/result/firmware/flash_bytes", -4, "/result/firmware/flash_bytes",
       "is not a whole number from 0"},
      {"/result/firmware/flash_bytes", 1e300, "/result/firmware/flash_bytes",
       "is not a whole number from 0"},
      {"/result/firmware/fits", "yes", "/result/firmware/fits", "is not true or false"},
      {"/result/layers/macs", Json{1, 2}, "/result/layers/macs", "has another length than name"},
      {"/result/memory_plan/buffers/size_bytes", away, "/result/memory_plan/buffers/size_bytes",
       "is missing"},
  };
  for (const Damage& damage : damages) {
    const std::string runs = fresh_folder("damaged");
    testing::write_records(runs, one_cell());
    const std::string file = measure_file(runs);
    Json record = Json::parse(text_of_file(file));
    const Json::json_pointer pointer(damage.pointer);
    if (damage.value.is_discarded())
      record[pointer.parent_pointer()].erase(pointer.back());
    else
      record[pointer] = damage.value;
    write_file(file, record.dump());

    const Records records = read_records({runs});
    ASSERT_EQ(records.problems.size(), 1u) << damage.pointer;
    EXPECT_EQ(records.problems[0].key, damage.key);
    EXPECT_EQ(records.problems[0].message, damage.message) << damage.pointer;
    EXPECT_EQ(records.problems[0].file, file.substr(file.find("damaged/")));
    EXPECT_NE(html(records, {"0", "c"}).find("damaged/"), std::string::npos);
    markdown(records);
    latex(records);
    csv(records);
  }
}

TEST(Records, CutAnywhereNothingThrows) {
  const std::string runs = fresh_folder("cut");
  testing::write_records(runs, one_cell());
  const std::string file = measure_file(runs), whole = text_of_file(file);
  for (size_t length = 0; length < whole.size(); length += 97) {
    std::ofstream(file) << whole.substr(0, length);
    const Records records = read_records({runs});
    ASSERT_EQ(records.problems.size(), 1u) << length;
    EXPECT_TRUE(records.problems[0].message.starts_with("is no JSON from byte "));
    EXPECT_EQ(records.tasks.size(), 2u);
  }
}

TEST(Records, WithAnyValueReplacedEveryFormatComesOut) {
  const std::string runs = fresh_folder("replaced");
  testing::write_records(runs, one_cell());
  const std::string file = measure_file(runs);
  const Json whole = Json::parse(text_of_file(file));
  for (const std::string& place : testing::places_of(whole))
    for (const Json& other : testing::unexpected_values()) {
      Json record = whole;
      record[Json::json_pointer(place)] = other;
      std::ofstream(file) << record;
      const Records records = read_records({runs});
      html(records, {"0", "c"});
      markdown(records);
      latex(records);
      csv(records);
    }
}

TEST(Records, NestedWithoutEndAreRefused) {
  const std::string runs = fresh_folder("deep");
  testing::write_records(runs, one_cell());
  const std::string file = measure_file(runs), whole = text_of_file(file);
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  for (const char* key : {"schema", "result", "other"}) {
    std::ofstream(file) << fmt::format("{{\"{}\": {},{}", key, deep, whole.substr(1));
    const Records records = read_records({runs});
    ASSERT_EQ(records.problems.size(), 1u);
    EXPECT_EQ(records.problems[0].message, "is nested more than 16 levels deep");
  }
}

TEST(Records, DamagedTimingsAreNamedAndTheRecordKept) {
  const std::string runs = fresh_folder("timing");
  testing::write_records(runs, one_cell());
  const std::string file = fs::path(measure_file(runs)).parent_path() / "timing.json";
  write_file(file, R"({"schema": "mote.timing/1", "seconds": "long"})");
  const Records records = read_records({runs});
  ASSERT_EQ(records.problems.size(), 1u);
  EXPECT_EQ(records.problems[0].key, "/seconds");
  EXPECT_TRUE(records.problems[0].file.ends_with("/timing.json"));
  EXPECT_EQ(records.tasks.size(), 3u);
}

}  // namespace
}  // namespace mote::report
