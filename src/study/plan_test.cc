#include "study/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "tests/support/small_data.h"
#include "tests/support/temp_path.h"

namespace mote::study {
namespace {

Plan plan_of(const std::string& text, const std::string& data = small_data("data.npz")) {
  return make_plan(
      parse_study("networks = [\"zoo:lenet5\", \"zoo:custom?width=0.25\"]\n"
                  "data = [\"" +
                      data +
                      "\"]\n"
                      "recipes = [\"float32\", \"int8\"]\n"
                      "devices = [\"mps2-an386\", \"microbit\"]\n" +
                      text,
                  "study.toml"));
}

size_t count(const Plan& plan, TaskKind kind) {
  return static_cast<size_t>(std::ranges::count(plan.tasks, kind, &Task::kind));
}

std::set<std::string> hashes(const Plan& plan, TaskKind kind) {
  std::set<std::string> result;
  for (const Task& task : plan.tasks)
    if (task.kind == kind) result.insert(task.hash);
  return result;
}

TEST(Plan, SharesWhatIsEqual) {
  const Plan plan = plan_of("");
  EXPECT_EQ(count(plan, TaskKind::train), 2u);
  EXPECT_EQ(count(plan, TaskKind::compress), 4u);
  EXPECT_EQ(count(plan, TaskKind::measure), 8u);
  EXPECT_EQ(plan.cells.size(), 8u);
  std::set<std::string> before;
  for (const Task& task : plan.tasks) {
    for (const std::string& need : task.needs) EXPECT_TRUE(before.contains(need)) << task.title();
    EXPECT_TRUE(before.insert(task.hash).second);
    EXPECT_EQ(task.hash.size(), 16u);
    EXPECT_GT(task.work, 0);
  }
  const Task& measure = plan.task(plan.cells[1]);
  EXPECT_EQ(measure.title(), "measure lenet5, data, float32, microbit");
  EXPECT_EQ(measure.needs.size(), 2u);
}

TEST(Plan, EverythingThatDecidesAResultChangesItsHash) {
  const auto trains = [](const Plan& plan) { return hashes(plan, TaskKind::train); };
  const auto measures = [](const Plan& plan) { return hashes(plan, TaskKind::measure); };
  const Plan plan = plan_of("");
  EXPECT_EQ(trains(plan), trains(plan_of("")));
  for (const char* text :
       {"seeds = [2]\n", "[train]\nepochs = 1\n", "[train]\nthreads = 1\n",
        "[train]\nvalidation_fraction = 0.25\n", "[train]\nlabel_smoothing = 0.1\n"}) {
    const Plan other = plan_of(text);
    for (const std::string& hash : trains(other)) EXPECT_FALSE(trains(plan).contains(hash)) << text;
    for (const std::string& hash : measures(other))
      EXPECT_FALSE(measures(plan).contains(hash)) << text;
  }
  for (const char* text : {"[measure]\nsamples = 11\n", "[measure]\nlimit = 3\n"}) {
    EXPECT_EQ(trains(plan), trains(plan_of(text)));
    EXPECT_NE(measures(plan), measures(plan_of(text)));
  }
  // The same path, other pixels.
  EXPECT_NE(trains(plan), trains(plan_of("", small_data("data.npz", 1))));
}

TEST(Plan, SaysEveryOptionAndWhatDependsOnTheMachine) {
  const Plan plan = plan_of("[train]\nepochs = 4\nbatch = 500\n");
  const Json& training = plan.tasks[0].inputs.at("training");
  EXPECT_EQ(training.at("epochs"), 4);
  EXPECT_EQ(training.at("threads"), 2);
  EXPECT_NE(training.at("bf16"), "automatic");
  EXPECT_EQ(training.at("batch"), 152) << "not above the images that validation leaves";
  EXPECT_EQ(plan.tasks[0].inputs.at("network"), "zoo:lenet5?input=16x16x1&classes=2&width=1");
}

// The text that is hashed stands here whole: whoever changes it renames what everybody has stored.
TEST(Plan, WhatIsAtItsDefaultIsNotHashed) {
  const auto hash_of_text = [](const char* text) { return sha256(text).substr(0, 16); };
  Task train;
  train.cell = {{"network", "custom"}};
  train.inputs = {{"validation_fraction", 0.05},
                  {"training", compress::json_of(compress::TrainOptions{})}};
  const std::string hash = hash_of(train);
  EXPECT_EQ(hash, hash_of_text(R"({"cell":{"network":"custom"},"format":2,)"
                               R"("inputs":{"training":{}},"task":"train"})"));
  train.inputs["training"].erase("cutout");  // as if there had been none
  EXPECT_EQ(hash_of(train), hash);
  train.inputs["training"]["cutout"] = 4;
  EXPECT_EQ(hash_of(train), hash_of_text(R"({"cell":{"network":"custom"},"format":2,)"
                                         R"("inputs":{"training":{"cutout":4}},"task":"train"})"));

  Task compress;
  compress.kind = TaskKind::compress;
  compress.cell = Json::object();
  compress.inputs = {{"recipe", compress::json_of(compress::load_recipe("int8"))}};
  EXPECT_EQ(hash_of(compress),
            hash_of_text(R"({"cell":{},"format":1,"inputs":{"recipe":{"name":"int8",)"
                         R"("steps":[{"do":"calibrate"},{"do":"quantize"}]}},"task":"compress"})"));

  Task measure;
  measure.kind = TaskKind::measure;
  measure.cell = Json::object();
  measure.inputs = {{"samples", 10}, {"limit", 0}, {"validation_fraction", 0.1}};
  EXPECT_EQ(hash_of(measure),
            hash_of_text(
                R"({"cell":{},"format":3,"inputs":{"validation_fraction":0.1},"task":"measure"})"));
}

// By content, wherever it lies.
TEST(Plan, ATeacherIsWhatItsFileHolds) {
  const auto compressed = [](const std::string& name, const std::string& teacher) {
    const std::string folder = temp_path(name);
    std::filesystem::create_directories(folder);
    write_file(folder + "/big.tflite", teacher);
    write_file(folder + "/taught.toml",
               "name = \"taught\"\n[[step]]\ndo = \"train\"\ndistillation = 0.5\n"
               "teacher = \"big.tflite\"\n");
    const Plan plan =
        make_plan(parse_study("networks = [\"zoo:lenet5\"]\ndata = [\"" + small_data("data.npz") +
                                  "\"]\nrecipes = [\"taught.toml\"]\ndevices = [\"microbit\"]\n",
                              folder + "/study.toml"));
    return hashes(plan, TaskKind::compress);
  };
  const std::set<std::string> here = compressed("here", "one");
  EXPECT_EQ(here.size(), 1u);
  EXPECT_EQ(compressed("there", "one"), here);
  EXPECT_NE(compressed("there", "another"), here);
}

TEST(Plan, OverridesAndExclusionsMakeTasksOfTheirOwn) {
  const Plan plan = plan_of(
      "[[override]]\nrecipe = \"int8\"\nnetwork = \"lenet5\"\ntrain.epochs = 3\n"
      "[[exclude]]\nnetwork = \"custom?width=0.25\"\nrecipe = \"int8\"\n");
  EXPECT_EQ(plan.cells.size(), 6u);
  EXPECT_EQ(count(plan, TaskKind::train), 3u) << "lenet5 for float32, lenet5 for int8, custom";
  EXPECT_EQ(count(plan, TaskKind::compress), 3u);
  EXPECT_THROW(plan_of("[[exclude]]\ndata = \"data\"\n"), Error) << "nothing is left";
}

TEST(Plan, ErrorsNameTheLineOfWhatCannotBeOpened) {
  const auto error_of = [](const std::string& networks, const std::string& data) -> std::string {
    try {
      make_plan(parse_study("networks = [" + networks + "]\ndata = [\"" + data +
                                "\"]\nrecipes = [\"int8\"]\ndevices = [\"microbit\"]\n",
                            "study.toml"));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const std::string data = small_data("data.npz");
  EXPECT_TRUE(error_of("\"zoo:nothing\"", data).starts_with("study.toml:1: "));
  EXPECT_TRUE(error_of("\"/none.tflite\"", data).starts_with("study.toml:1: "));
  EXPECT_TRUE(error_of("\"zoo:custom\"", "/none.npz").starts_with("study.toml:2: "));
}

TEST(Plan, ATaskTravelsAsJson) {
  const Plan plan = plan_of("");
  for (const Task& task : plan.tasks) {
    const Task copy = task_of(Json::parse(json_of(task).dump(2)));
    EXPECT_EQ(json_of(copy), json_of(task));
  }
  Json json = json_of(plan.tasks[0]);
  json["inputs"]["training"]["epochs"] = 1000;
  EXPECT_THROW(task_of(json), Error) << "not the task that the hash is of";
  EXPECT_THROW(task_of(Json::object()), Error);
}

}  // namespace
}  // namespace mote::study
