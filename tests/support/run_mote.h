// Runs the program as it was built, for tests of the command line.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/support/places.h"
#include "tests/support/temp_path.h"

namespace mote {

struct Outcome {
  int exit_code;
  std::string out;
  std::string err;

  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

inline std::string shell_word(const std::string& text) {
  std::string result(1, '\'');
  for (char c : text) {
    if (c == '\'')
      result.append("'\\''");
    else
      result.push_back(c);
  }
  result.push_back('\'');
  return result;
}

inline std::string text_of_file(const std::string& path) {
  const Bytes bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}

// A folder of the running test alone, also where several builds run it at once.
inline std::string test_folder() {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string folder =
      temp_path(std::string(info->test_suite_name()) + "." + info->name()) + "/";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

// `before` goes in front of the command: "cd X &&", "timeout -s KILL 1".
inline Outcome run_mote(const std::vector<std::string>& arguments, const std::string& before = "") {
  static const std::string streams =
      ::testing::TempDir() + "mote_streams_" + std::to_string(::getpid());
  std::string command = fmt::format("{} {}", before, shell_word(build_path("mote")));
  for (const std::string& argument : arguments) command.append(" ").append(shell_word(argument));
  command.append(fmt::format(" </dev/null >{0}.out 2>{0}.err", shell_word(streams)));
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of_file(streams + ".out"),
          text_of_file(streams + ".err")};
}

}  // namespace mote
