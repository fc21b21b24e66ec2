#include "study/estimate.h"

#include <gtest/gtest.h>

#include "tests/support/temp_path.h"

namespace mote::study {
namespace {

Task training(double work, int32_t epochs) {
  Task task;
  task.kind = TaskKind::train;
  task.inputs = {{"training", {{"epochs", epochs}}}};
  task.cell = {{"network", "n"}};
  task.work = work;
  task.hash = hash_of(task);
  return task;
}

TEST(Estimate, GrowsWithWhatThereIsToDo) {
  const Work small{1'000'000, 1000, 100, 2, 1};
  const double seconds = work_of(TaskKind::train, small);
  Work more = small;
  more.epochs = 1000;
  EXPECT_GT(work_of(TaskKind::train, more), seconds);
  more = small;
  more.samples = 100;
  EXPECT_GT(work_of(TaskKind::measure, more), work_of(TaskKind::measure, small));
}

TEST(Estimate, LearnsFromWhatTasksOfTheKindTook) {
  const Store store(temp_path("estimates"));
  const Plan plan{{training(10, 4), training(30, 8)}, {}};
  EXPECT_DOUBLE_EQ(Estimator(plan, store).seconds(plan.tasks[1]), 30);
  store.write_task(plan.tasks[0]);
  store.write_record(plan.tasks[0], done_record(plan.tasks[0], Json::object()));
  store.write_timing(plan.tasks[0].hash, {{"seconds", 25.0}, {"epochs", 2}});
  Estimator estimator(plan, store);
  EXPECT_DOUBLE_EQ(estimator.seconds(plan.tasks[1]), 150) << "50 s for all four epochs";
  Task other = plan.tasks[1];
  other.kind = TaskKind::measure;
  EXPECT_DOUBLE_EQ(estimator.seconds(other), 30);
}

}  // namespace
}  // namespace mote::study
