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

}  // namespace
}  // namespace mote::study
