// A progress bar with an estimate of the time left: on stderr, and only when that is a terminal.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace mote::cli {

class ProgressBar {
 public:
  ProgressBar(const Common& common, std::string label);
  ~ProgressBar();  // wipes the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `done` of `total`, with a note behind the bar; drawn ten times a second at most. Where
  // `seconds_left` is not known, what has passed tells it.
  void show(double done, double total, const std::string& note = {},
            std::optional<double> seconds_left = {});

 private:
  using Clock = std::chrono::steady_clock;
  bool visible_;
  std::string label_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_;
};

// "[=====     ]  50 %"
std::string bar(double fraction);

// Several lines that are drawn anew in place, each cut to the terminal's width: on stderr, and only
// when that is a terminal.
class ProgressLines {
 public:
  explicit ProgressLines(const Common& common);
  ~ProgressLines();  // wipes them
  ProgressLines(const ProgressLines&) = delete;
  ProgressLines& operator=(const ProgressLines&) = delete;

  void show(const std::vector<std::string>& lines);

 private:
  using Clock = std::chrono::steady_clock;
  bool visible_;
  size_t drawn_ = 0;  // lines
  Clock::time_point drawn_at_;
};

}  // namespace mote::cli
