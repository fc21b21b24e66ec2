#include "compress/train/threads.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace mote::compress {
namespace {

TEST(Threads, RunEveryTaskOnItsOwnThreadEachTime) {
  Threads threads(3);
  std::vector<std::thread::id> first(3), second(3);
  threads.run([&](int32_t t) { first[static_cast<size_t>(t)] = std::this_thread::get_id(); });
  threads.run([&](int32_t t) { second[static_cast<size_t>(t)] = std::this_thread::get_id(); });
  EXPECT_EQ(first, second);
  EXPECT_NE(first[0], first[1]);
  EXPECT_NE(first[1], first[2]);
}

TEST(Threads, PassTheFirstExceptionOnAndGoOn) {
  Threads threads(3);
  const auto failing = [](int32_t t) {
    if (t > 0) throw std::runtime_error(std::to_string(t));
  };
  for (int round = 0; round < 3; round++) {
    try {
      threads.run(failing);
      ADD_FAILURE();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "1");
    }
  }
  threads.run([](int32_t) {});
}

}  // namespace
}  // namespace mote::compress
