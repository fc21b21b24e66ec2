// Damages a file in seeded ways and holds its reader to the one rule for input from outside: a good
// value, or one Error{invalid_input or unsupported} of one line that begins with the file's name.
// Crashes, leaks and reads out of bounds are the sanitizers' to see (preset dev).
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"

namespace mote::testing {

// Reads the file at `path` and looks at the result; throws mote::Error.
using ReadFile = std::function<void(const std::string& path)>;

struct Attack {
  int cuts = 100;
  int flips = 1000;
  uint64_t seed = 1;
};

class Attacker {
 public:
  // The damaged files lie in a folder of this test's own; `extension` is ".tflite".
  explicit Attacker(const std::string& extension) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("mote_") + test->test_suite_name() + "_" + test->name());
    std::filesystem::create_directories(folder_);
    path_ = folder_ / ("damaged" + extension);
  }
  ~Attacker() { std::filesystem::remove_all(folder_); }

  void run(const Bytes& whole, const ReadFile& read, const Attack& attack = {}) {
    Random random(attack.seed, "attack");
    for (int i = 0; i < attack.cuts; i++) {
      Bytes bytes = whole;
      bytes.resize(random.below(whole.size()));
      SCOPED_TRACE("cut to " + std::to_string(bytes.size()));
      check(bytes, read);
    }
    for (int i = 0; i < attack.flips; i++) {
      Bytes bytes = whole;
      const uint64_t at = random.below(whole.size());
      bytes[at] = static_cast<uint8_t>(bytes[at] ^ (1 + random.below(255)));
      SCOPED_TRACE("byte " + std::to_string(at) + " is " + std::to_string(bytes[at]));
      check(bytes, read);
    }
  }

  // Of all files tried so far.
  int accepted() const { return accepted_; }
  int refused() const { return refused_; }

 private:
  void check(const Bytes& bytes, const ReadFile& read) {
    // Neither write_file nor an overwritten file: thousands that wait for the disk take minutes.
    std::filesystem::remove(path_);
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
    try {
      read(path_);
      accepted_++;
    } catch (const Error& error) {
      refused_++;
      const std::string line = error.what();
      EXPECT_TRUE(error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::unsupported)
          << line;
      EXPECT_TRUE(line.starts_with(path_.string())) << line;
      EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    }
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
  int accepted_ = 0;
  int refused_ = 0;
};

}  // namespace mote::testing
