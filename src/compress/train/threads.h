// Threads that live through a training: libtorch keeps caches and its thread count per thread, so
// starting new ones for every step would pay for them again. Tested by threads_test.cc.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mote::compress {

class Threads {
 public:
  explicit Threads(int32_t count);
  ~Threads();

  int32_t count() const { return static_cast<int32_t>(threads_.size()); }
  // Calls task(0) .. task(count - 1), each on its own thread, and waits for all. The first
  // exception, in their order, is thrown here.
  void run(const std::function<void(int32_t thread)>& task);

 private:
  void serve(int32_t thread);

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void(int32_t)>* task_ = nullptr;
  uint64_t round_ = 0;  // of the task that is to be done
  int32_t pending_ = 0;
  bool stopping_ = false;
  std::vector<std::exception_ptr> errors_;
  std::vector<std::thread> threads_;
};

}  // namespace mote::compress
