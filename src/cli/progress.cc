#include "cli/progress.h"

#include <sys/ioctl.h>
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
  fmt::print(stderr, "\r\033[K{} {}  {} left  {}", label_, bar(fraction), clock_time(left), note);
  std::fflush(stderr);
}

std::string bar(double fraction) {
  const auto filled = static_cast<int>(kWidth * fraction);
  return fmt::format("[{:=<{}}{:<{}}] {:3.0f} %", "", filled, "", kWidth - filled, 100 * fraction);
}

ProgressLines::ProgressLines(const Common& common)
    : visible_(!common.quiet && isatty(STDERR_FILENO)) {}

ProgressLines::~ProgressLines() {
  show({});
}

void ProgressLines::show(const std::vector<std::string>& lines) {
  const Clock::time_point now = Clock::now();
  const bool wipe = lines.empty();
  if (!visible_ || (!wipe && now - drawn_at_ < std::chrono::milliseconds(100))) return;
  drawn_at_ = now;
  winsize window{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
  const size_t width = known ? window.ws_col : 80;
  std::string text = drawn_ > 0 ? fmt::format("\r\033[{}A\033[J", drawn_) : "";
  for (const std::string& line : lines) text += line.substr(0, width - 1) + "\n";
  fmt::print(stderr, "{}", text);
  std::fflush(stderr);
  drawn_ = lines.size();
}

}  // namespace mote::cli
