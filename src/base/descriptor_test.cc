#include "base/descriptor.h"

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/temp_path.h"

namespace mote {
namespace {

TEST(FileLock, ExcludesOthersUntilItEnds) {
  const std::string path = temp_path("lock");
  {
    const FileLock lock(path);
    EXPECT_FALSE(FileLock::attempt(path));
  }
  EXPECT_TRUE(FileLock::attempt(path));
}

TEST(FileLock, DiesWithItsProcess) {
  const std::string path = temp_path("killed");
  const pid_t child = ::fork();
  if (child == 0) {
    const FileLock lock(path);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(FileLock::attempt(path));
}

TEST(FileLock, AFolderThatIsNotThereIsNamed) {
  try {
    FileLock lock("/nowhere/at/all/lock");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_EQ(error.where, "/nowhere/at/all/lock");
  }
}

}  // namespace
}  // namespace mote
