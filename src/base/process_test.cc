#include "base/process.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote {
namespace {

TEST(Process, GivesOutputAndExitCode) {
  const ProcessResult result = run_process({"sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output, "out\nerr\n");
  EXPECT_FALSE(result.timed_out);
}

TEST(Process, PassesArgumentsAsTheyAre) {
  EXPECT_EQ(run_process({"printf", "%s", "a b;$HOME'\""}).output, "a b;$HOME'\"");
}

TEST(Process, TellsAProgramsVersionInOneLine) {
  const std::string version = version_of("bash");
  EXPECT_EQ(version.find("GNU bash, version "), 0u) << version;
  EXPECT_EQ(version.find('\n'), version.npos);
}

TEST(Process, IsKilledAtItsTimeLimit) {
  const ProcessResult result = run_process({"sleep", "60"}, {".", std::chrono::seconds(1)});
  EXPECT_TRUE(result.timed_out);
  EXPECT_NE(result.exit_code, 0);
}

TEST(Process, RunsInItsDirectory) {
  const TemporaryDirectory directory;
  EXPECT_EQ(run_process({"pwd"}, {directory.path()}).output,
            std::filesystem::canonical(directory.path()).string() + "\n");
}

TEST(Process, MissingProgramIsNamed) {
  try {
    run_process({"no-such-program"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::unsupported);
    EXPECT_EQ(error.message, "there is no program 'no-such-program'");
  }
}

TEST(TemporaryDirectory, AFolderThatIsNotThereIsNamed) {
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before != nullptr ? before : "";
  ::setenv("TMPDIR", "/no/such/folder", 1);
  try {
    const TemporaryDirectory directory;
    ADD_FAILURE() << directory.path();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_EQ(error.hint, "TMPDIR names their folder");
  }
  before != nullptr ? ::setenv("TMPDIR", kept.c_str(), 1) : ::unsetenv("TMPDIR");
}

TEST(TemporaryDirectory, DisappearsWithTheObject) {
  std::string path;
  {
    const TemporaryDirectory directory;
    path = directory.path();
    EXPECT_TRUE(std::filesystem::is_directory(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace mote
