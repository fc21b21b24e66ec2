#include "base/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/support/temp_path.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

class WriteFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = temp_path(::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { ::umask(umask_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  static mode_t mode_of(const std::string& path) {
    struct stat status;
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }
  static std::string text_of(const std::string& path) {
    const Bytes bytes = read_file(path);
    return {bytes.begin(), bytes.end()};
  }

 private:
  std::string folder_;
  const mode_t umask_ = ::umask(022);
};

TEST_F(WriteFile, NewFilesHaveWhatTheUmaskLeaves) {
  for (const mode_t umask : {022, 027, 077, 002, 0}) {
    ::umask(umask);
    const std::string file = path(std::to_string(umask));
    write_file(file, std::string_view("new"));
    EXPECT_EQ(mode_of(file), 0666 & ~umask);
  }
}

TEST_F(WriteFile, ReplacedFilesKeepTheirPermissions) {
  for (const mode_t mode : {0600, 0640, 0664, 0755, 0444}) {
    const std::string file = path(std::to_string(mode));
    write_file(file, std::string_view("old"));
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    write_file(file, std::string_view("new"));
    EXPECT_EQ(mode_of(file), mode);
    EXPECT_EQ(text_of(file), "new");
  }
}

TEST_F(WriteFile, WritesThroughSymbolicLinks) {
  fs::create_directories(path("elsewhere"));
  write_file(path("elsewhere/file"), std::string_view("old"));
  ASSERT_EQ(::chmod(path("elsewhere/file").c_str(), 0600), 0);
  fs::create_symlink("elsewhere/file", path("relative"));
  fs::create_symlink(path("relative"), path("chain"));
  fs::create_symlink("elsewhere/new", path("dangling"));
  write_file(path("chain"), std::string_view("new"));
  write_file(path("dangling"), std::string_view("new"));
  for (const char* link : {"relative", "chain", "dangling"})
    EXPECT_TRUE(fs::is_symlink(path(link))) << link;
  EXPECT_EQ(text_of(path("elsewhere/file")), "new");
  EXPECT_EQ(mode_of(path("elsewhere/file")), 0600u);
  EXPECT_EQ(text_of(path("elsewhere/new")), "new");
  const fs::directory_iterator entries(path("elsewhere"));
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 2);  // nothing temporary is left
}

TEST_F(WriteFile, ACircleOfLinksIsAnError) {
  fs::create_symlink("b", path("a"));
  fs::create_symlink("a", path("b"));
  try {
    write_file(path("a"), std::string_view("new"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_EQ(error.where, path("a"));
  }
  EXPECT_TRUE(fs::is_symlink(path("a")));
}

TEST_F(WriteFile, LeavesNothingWhereItFails) {
  if (::geteuid() == 0) GTEST_SKIP() << "root writes everywhere";
  ASSERT_EQ(::chmod(path("").c_str(), 0555), 0);
  EXPECT_THROW(write_file(path("file"), std::string_view("new")), Error);
  EXPECT_TRUE(fs::is_empty(path("")));
  ::chmod(path("").c_str(), 0755);
}

}  // namespace
}  // namespace mote
