// Files of a test: in a folder of this process's own, since ctest runs tests side by side, which
// goes when the process ends.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace mote {

class TempFolder {
 public:
  TempFolder() : path_(::testing::TempDir() + "mote_test_" + std::to_string(::getpid())) {
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string temp_path(const std::string& name) {
  static const TempFolder folder;
  return (folder.path() / name).string();
}

}  // namespace mote
