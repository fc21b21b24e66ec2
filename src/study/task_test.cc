#include "study/task.h"

#include <gtest/gtest.h>

#include "study/study_file.h"
#include "tests/support/run_mote.h"
#include "tests/support/small_study.h"

namespace mote::study {
namespace {

// A folder that is not empty stands where a checkpoint is removed: whatever goes wrong behind the
// record of a success, the task stays done.
TEST(RunTask, WhatCannotBeRemovedFailsNoTaskThatIsDone) {
  const std::string folder = test_folder();
  const Plan plan = make_plan(
      read_study(study_file(folder, "\"zoo:custom?width=0.1\"", "\"mps2-an386\"", /*epochs=*/1)));
  const Store store(folder + "runs");
  int compressed = 0;
  for (const Task& task : plan.tasks) {
    if (task.kind == TaskKind::measure) continue;
    store.write_task(task);
    if (task.kind == TaskKind::compress) {
      fs::create_directories(store.file(task.hash, kCheckpoint) + "/not/empty");
      compressed++;
    }
    EXPECT_EQ(run_task(store, task.hash, {}, {}), Outcome::done) << task.title();
    EXPECT_EQ(store.status(task.hash), Status::done) << task.title();
    EXPECT_FALSE(fs::exists(store.file(task.hash, kScratch)));
  }
  EXPECT_EQ(compressed, 2);
}

TEST(RunTask, AnotherTeacherThanPlannedIsRefused) {
  const std::string folder = test_folder(), teacher = folder + "big.tflite";
  write_file(teacher, "planned");
  write_file(folder + "taught.toml",
             "name = \"taught\"\n[[step]]\ndo = \"train\"\nepochs = 1\ndistillation = 0.5\n"
             "teacher = \"big.tflite\"\n");
  const Plan plan = make_plan(read_study(study_file(
      folder, "\"zoo:custom?width=0.1\"", "\"mps2-an386\"", /*epochs=*/1, "\"taught.toml\"")));
  write_file(teacher, "another");
  const Store store(folder + "runs");
  for (const Task& task : plan.tasks) {
    if (task.kind == TaskKind::measure) continue;
    store.write_task(task);
    const bool refused = task.kind == TaskKind::compress;
    EXPECT_EQ(run_task(store, task.hash, {}, {}), refused ? Outcome::failed : Outcome::done);
    if (refused) {
      EXPECT_NE(store.record(task.hash)->dump().find("or a teacher that it names"),
                std::string::npos);
    }
  }
}

}  // namespace
}  // namespace mote::study
