#include "compress/train/threads.h"

#include <utility>

namespace mote::compress {

Threads::Threads(int32_t count) : errors_(static_cast<size_t>(count)) {
  for (int32_t i = 0; i < count; i++) threads_.emplace_back([this, i] { serve(i); });
}

Threads::~Threads() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Threads::run(const std::function<void(int32_t)>& task) {
  std::unique_lock lock(mutex_);
  task_ = &task;
  pending_ = count();
  round_++;
  changed_.notify_all();
  changed_.wait(lock, [&] { return pending_ == 0; });
  for (std::exception_ptr& error : errors_)
    if (error) std::rethrow_exception(std::exchange(error, nullptr));
}

void Threads::serve(int32_t thread) {
  uint64_t done = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || round_ != done; });
    if (stopping_) return;
    done = round_;
    const auto& task = *task_;
    lock.unlock();
    std::exception_ptr error;
    try {
      task(thread);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    errors_[static_cast<size_t>(thread)] = error;
    if (--pending_ == 0) changed_.notify_all();
  }
}

}  // namespace mote::compress
