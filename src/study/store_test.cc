#include "study/store.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "study/build_info.h"
#include "tests/support/temp_path.h"

namespace mote::study {
namespace {

Task some_task(TaskKind kind = TaskKind::compress) {
  Task task;
  task.kind = kind;
  task.cell = {{"network", "n"}, {"data", "d"}, {"seed", 1}};
  task.inputs = {{"x", 0.1}};
  task.sources = Json::object();
  task.hash = hash_of(task);
  return task;
}

TEST(Store, KnowsWhatIsDone) {
  const Store store(temp_path("store"));
  const Task task = some_task();
  EXPECT_EQ(store.status(task.hash), Status::missing);
  EXPECT_FALSE(std::filesystem::exists(store.root())) << "asking makes no folder";
  store.write_task(task);
  EXPECT_EQ(json_of(store.read_task(task.hash)), json_of(task));
  EXPECT_EQ(store.status(task.hash), Status::missing);
  store.write_record(task, failed_record(task, Error(ErrorKind::unsupported, "m", "w", "h")));
  EXPECT_EQ(store.status(task.hash), Status::failed);
  EXPECT_EQ(store.record(task.hash)->at("error").at("kind"), "unsupported");
  EXPECT_EQ(store.record(task.hash)->at("error").at("hint"), "h");
  store.write_record(task, done_record(task, {{"figure", 3}}));
  EXPECT_EQ(store.status(task.hash), Status::done);
  EXPECT_FALSE(store.complete(task)) << "its model is not there";
  write_file(store.file(task.hash, kModel), "model");
  EXPECT_TRUE(store.complete(task));
}

TEST(Store, RecordsSayWhatMadeThem) {
  const Task task = some_task(TaskKind::measure);
  const Json record = done_record(task, {{"figure", 3}});
  EXPECT_EQ(record.at("schema"), "mote.task/1");
  EXPECT_EQ(record.at("version"), version());
  EXPECT_EQ(record.at("commit"), commit());
  EXPECT_TRUE(
      commit() == "unknown" ||
      (commit().size() == 40 && commit().find_first_not_of("0123456789abcdef") == commit().npos))
      << commit();
  EXPECT_EQ(record.at("task"), "measure");
  EXPECT_EQ(record.at("inputs"), task.inputs);
}

TEST(Store, CountsWhatItCannotReadAsMissing) {
  const Store store(temp_path("damaged"));
  const Task task = some_task();
  store.write_task(task);
  for (const char* text : {"", "{\"schema\": \"mote.task/1\", \"status\": \"do", "[]", "{}"}) {
    write_file(store.file(task.hash, kRecord), text);
    EXPECT_EQ(store.status(task.hash), Status::missing) << text;
  }
}

TEST(Store, OneAtATimeWorksOnATask) {
  const Store store(temp_path("claims"));
  const Task task = some_task();
  {
    const auto first = store.claim(task.hash);
    ASSERT_TRUE(first);
    EXPECT_FALSE(store.claim(task.hash));
  }
  EXPECT_TRUE(store.claim(task.hash));
}

}  // namespace
}  // namespace mote::study
