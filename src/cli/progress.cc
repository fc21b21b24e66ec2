#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace mote::cli {
namespace {

constexpr int kWidth = 30;

std::string clock_time(double seconds) {
  const auto whole = static_cast<int64_t>(seconds);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

ProgressBar::ProgressBar(const Common& common, std::string label)
    : visible_(!common.quiet && isatty(STDERR_FILENO)), label_(std::move(label)) {}

ProgressBar::~ProgressBar() {
  if (visible_) fmt::print(stderr, "\r\033[K");
}

void ProgressBar::show(double done, double total, const std::string& note,
                       std::optional<double> seconds_left) {
  const Clock::time_point now = Clock::now();
  if (!visible_ || total <= 0 || now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  const double fraction = std::min(done / total, 1.0);
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double left = seconds_left.value_or(fraction > 0 ? elapsed / fraction - elapsed : 0);
  const auto filled = static_cast<int>(kWidth * fraction);
  fmt::print(stderr, "\r\033[K{} [{:=<{}}{:<{}}] {:3.0f} %  {} left  {}", label_, "", filled, "",
             kWidth - filled, 100 * fraction, clock_time(left), note);
  std::fflush(stderr);
}

}  // namespace mote::cli
