// Things of one name that are not the same stay apart.
#include "report/identity.h"

#include <gtest/gtest.h>

#include "report/records.h"

namespace mote::report {
namespace {

struct Cell {
  std::string network, data, recipe;
  int seed = 1;
  std::string model = "m0", images = "d0";  // digests
  int weight_bits = 8;
};

Task task_of(const std::string& kind, const std::string& hash, const Json& cell,
             const Json& inputs) {
  Task task;
  task.hash = hash;
  task.record = {{"task", kind}, {"status", "done"}, {"cell", cell}, {"inputs", inputs}};
  task.identity = identity_of(task.record);
  return task;
}

// Import, compression and measurement of each cell.
Records records_of(const std::vector<Cell>& cells) {
  Records records;
  for (const Cell& c : cells) {
    const std::string number = std::to_string(records.tasks.size());
    Json cell = {{"network", c.network}, {"data", c.data}, {"seed", c.seed}};
    Json inputs = {{"data_sha256", c.images}, {"validation_fraction", 0.05}};
    Json own = inputs;
    own["model_sha256"] = c.model;
    records.tasks.push_back(task_of("import", "i" + number, cell, own));
    inputs["import"] = "i" + number;
    cell["recipe"] = c.recipe;
    own = inputs;
    own["recipe"] = {{"weight_bits", c.weight_bits}};
    records.tasks.push_back(task_of("compress", "c" + number, cell, own));
    inputs["compress"] = "c" + number;
    cell["device"] = "board";
    own = inputs;
    own["device"] = {{"flash", 1}};
    records.tasks.push_back(task_of("measure", "m" + number, cell, own));
  }
  return records;
}

std::vector<std::string> names(Records records, const char* key) {
  tell_apart(records);
  std::vector<std::string> names;
  for (const Task& task : records.tasks)
    if (task.measure()) names.push_back(task.text((std::string("/cell/") + key).c_str()));
  return names;
}

using Names = std::vector<std::string>;

TEST(Identity, TwoModelsOfOneName) {
  const Records records = records_of({{"model", "test", "float32", 1, "aaaa11"},
                                      {"model", "test", "float32", 1, "bbbb22"},
                                      {"model", "test", "int8", 1, "bbbb22"}});
  EXPECT_EQ(names(records, "network"), (Names{"model (aaaa)", "model (bbbb)", "model (bbbb)"}));
  EXPECT_EQ(names(records, "data"), (Names{"test", "test", "test"}));
  EXPECT_EQ(names(records, "recipe"), (Names{"float32", "float32", "int8"}));
  // The tasks before them too: trainings and failures are shown by their names.
  Records told = records;
  tell_apart(told);
  EXPECT_EQ(told.tasks[0].text("/cell/network"), "model (aaaa)");
  EXPECT_EQ(told.tasks[1].text("/cell/network"), "model (aaaa)");
}

TEST(Identity, TwoDataSetsOfOneName) {
  const Records records = records_of({{"model", "test", "int8", 1, "aaaa", "dddd1"},
                                      {"model", "test", "int8", 1, "aaaa", "eeee2"}});
  EXPECT_EQ(names(records, "data"), (Names{"test (dddd)", "test (eeee)"}));
  EXPECT_EQ(names(records, "network"), (Names{"model", "model"}));
}

TEST(Identity, ARecipeThatWasChanged) {
  const Names recipes = names(records_of({{"model", "test", "mine", 1, "aaaa", "dddd", 8},
                                          {"model", "test", "mine", 1, "aaaa", "dddd", 2}}),
                              "recipe");
  EXPECT_EQ(recipes[0].substr(0, 6), "mine (");
  EXPECT_EQ(recipes[1].substr(0, 6), "mine (");
  EXPECT_NE(recipes[0], recipes[1]);
}

TEST(Identity, WhatIsToldApartSomewhereIsSoEverywhere) {
  const Records records = records_of({{"model", "test", "int8", 1, "aaaa", "dddd"},
                                      {"model", "test", "int8", 1, "bbbb", "dddd"},
                                      {"model", "other", "int8", 1, "aaaa", "eeee"}});
  EXPECT_EQ(names(records, "network"), (Names{"model (aaaa)", "model (bbbb)", "model (aaaa)"}));
}

TEST(Identity, NamesThatMeanOneThingStay) {
  // Other seeds split a data set in other ways, and train other networks.
  const Records records = records_of({{"model", "test", "int8", 1, "aaaa", "dddd"},
                                      {"model", "test", "int8", 2, "bbbb", "eeee"},
                                      {"model", "other", "int8", 1, "cccc", "ffff"}});
  EXPECT_EQ(names(records, "network"), (Names{"model", "model", "model"}));
  EXPECT_EQ(names(records, "data"), (Names{"test", "test", "other"}));
}

TEST(Identity, TrainingsDifferByTheirOptions) {
  const Json cell = {{"network", "custom"}, {"data", "mnist"}, {"seed", 1}};
  Records records;
  for (const int epochs : {10, 20})
    records.tasks.push_back(task_of("train", std::to_string(epochs), cell,
                                    {{"training", {{"epochs", epochs}, {"seed", 1}}}}));
  tell_apart(records);
  EXPECT_NE(records.tasks[0].text("/cell/network"), records.tasks[1].text("/cell/network"));
  // Of another seed, with equal options, it is the same network.
  EXPECT_EQ(identity_of({{"inputs", {{"training", {{"epochs", 10}, {"seed", 1}}}}}}),
            identity_of({{"inputs", {{"training", {{"epochs", 10}, {"seed", 2}}}}}}));
}

TEST(Identity, WithoutTheTaskBeforeItsHashTellsThemApart) {
  Records records =
      records_of({{"model", "test", "int8", 1, "aaaa"}, {"model", "test", "int8", 1, "bbbb"}});
  std::erase_if(records.tasks, [](const Task& task) { return !task.measure(); });
  EXPECT_EQ(names(records, "network"), (Names{"model (i0)", "model (i3)"}));
}

}  // namespace
}  // namespace mote::report
