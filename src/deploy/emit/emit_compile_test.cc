// The emitted project as a compiler and a linker see it, on this machine.
#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "base/zip.h"
#include "deploy/emit/emit.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "tests/support/channel_network.h"
#include "tests/support/firmware_project.h"

namespace mote::deploy {
namespace {

const std::vector<std::string> kStrict = {"-std=c11",     "-ffreestanding", "-Wall",   "-Wextra",
                                          "-Wconversion", "-Wpedantic",     "-Werror", "-O2"};

using testing::c_files;
using testing::installed;
using testing::installed_compilers;

FirmwareFiles project(const std::string& name, DType dtype, uint64_t seed, uint32_t crc_error = 0) {
  return testing::firmware_project(name, dtype, seed, crc_error);
}

std::string self_test_main(const std::vector<std::string>& names) {
  std::vector<std::string> headers;
  for (const std::string& name : names) headers.push_back(name + "_selftest.h");
  return testing::self_test_main(names, headers);
}

// Compiles every file by itself as strictly as can be; gives the compiler's complaints.
std::string complaints(std::vector<std::string> compiler, const FirmwareFiles& files) {
  const TemporaryDirectory directory;
  write_firmware(directory.path(), files);
  compiler.insert(compiler.end(), kStrict.begin(), kStrict.end());
  compiler.push_back("-c");
  for (const std::string& source : c_files(files)) compiler.push_back(source);
  const ProcessResult result = run_process(compiler, {directory.path()});
  return result.exit_code == 0 ? "" : result.output;
}

// Links all files with a main that calls the self-tests; gives its exit code.
int run_self_tests(const std::string& compiler, FirmwareFiles files,
                   const std::vector<std::string>& names) {
  const TemporaryDirectory directory;
  files["main.c"] = self_test_main(names);
  write_firmware(directory.path(), files);
  std::vector<std::string> arguments = {compiler, "-std=c11", "-O2", "-o", "selftest"};
  for (const std::string& source : c_files(files)) arguments.push_back(source);
  const ProcessResult built = run_process(arguments, {directory.path()});
  EXPECT_EQ(built.exit_code, 0) << built.output;
  return run_process({directory.path() + "/selftest"}).exit_code;
}

class EmitCompile : public ::testing::TestWithParam<DType> {};

TEST_P(EmitCompile, NoCompilerComplains) {
  const FirmwareFiles files = project("net", GetParam(), 1);
  for (const std::string& compiler : installed_compilers())
    EXPECT_EQ(complaints({compiler}, files), "") << compiler;
  if (installed("arm-none-eabi-gcc")) {
    EXPECT_EQ(complaints({"arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb"}, files), "");
  }
}

TEST_P(EmitCompile, OutputsEqualTheInterpreters) {
  for (const std::string& compiler : installed_compilers())
    EXPECT_EQ(run_self_tests(compiler, project("net", GetParam(), 7), {"net"}), 0) << compiler;
}

TEST_P(EmitCompile, SelfTestNoticesAWrongByte) {
  EXPECT_EQ(run_self_tests("cc", project("net", GetParam(), 7, 0x100), {"net"}), 1);
}

TEST_P(EmitCompile, TwoModelsShareOneCopyOfTheKernels) {
  FirmwareFiles files = project("first", GetParam(), 1);
  const size_t kernels = files.size();
  for (const auto& [path, text] : project("second", DType::int8, 2)) {
    if (files.contains(path) && path.starts_with("mote/")) {
      EXPECT_EQ(files.at(path), text);
    }
    files[path] = text;
  }
  EXPECT_GT(files.size(), kernels);
  EXPECT_EQ(run_self_tests("cc", files, {"first", "second"}), 0);
}

INSTANTIATE_TEST_SUITE_P(, EmitCompile, ::testing::Values(DType::int8, DType::float32),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST(EmitUnread, AnInputThatNobodyReadsIsNoComplaint) {
  Graph graph = testing::small_graph(DType::int8, 1);
  graph.inputs.push_back(add_value(graph, "unread", {DType::int32, {4}, {}}));
  const FirmwareFiles files = emit(lower(graph, load_device("mps2-an386")), {"net", {}, {}, {}});
  for (const std::string& compiler : installed_compilers())
    EXPECT_EQ(complaints({compiler}, files), "") << compiler;
}

TEST(EmitUnpacking, NoCompilerComplainsAndOutputsEqualTheInterpreters) {
  const Graph graph = testing::channel_network(DType::int8, DType::int32, 32, 1);
  const FirmwareFiles files = testing::firmware_project("net", graph, 1);
  EXPECT_NE(files.at("net.c").find("mote_unpack_channels(net_last_channels_data, 64, memory + "),
            std::string::npos);
  EXPECT_TRUE(files.contains("mote/runtime/unpack_channels.c"));
  for (const std::string& compiler : installed_compilers()) {
    EXPECT_EQ(complaints({compiler}, files), "") << compiler;
    EXPECT_EQ(run_self_tests(compiler, files, {"net"}), 0) << compiler;
  }
  // Without such constants there is no code for them.
  EXPECT_FALSE(project("net", DType::int8, 1).contains("mote/runtime/unpack_channels.c"));
}

TEST(EmitCMake, OneProjectBuildsTwoModels) {
  const TemporaryDirectory directory;
  const std::string path = directory.path();
  write_firmware(path + "/first", project("first", DType::int8, 1));
  write_firmware(path + "/second", project("second", DType::float32, 2));
  write_file(path + "/main.c", self_test_main({"first", "second"}));
  write_file(path + "/CMakeLists.txt",
             std::string_view("cmake_minimum_required(VERSION 3.13)\n"
                              "project(both C)\n"
                              "add_subdirectory(first)\n"
                              "add_subdirectory(second)\n"
                              "add_executable(both main.c)\n"
                              "target_link_libraries(both first second)\n"));
  const ProcessResult configured =
      run_process({"cmake", "-G", "Ninja", "-S", path, "-B", path + "/build"});
  ASSERT_EQ(configured.exit_code, 0) << configured.output;
  const ProcessResult built = run_process({"cmake", "--build", path + "/build"});
  ASSERT_EQ(built.exit_code, 0) << built.output;
  EXPECT_EQ(run_process({path + "/build/both"}).exit_code, 0);
}

TEST(EmitCMake, ExampleRuns) {
  const TemporaryDirectory directory;
  const std::string path = directory.path();
  write_firmware(path, project("net", DType::int8, 1));
  ASSERT_EQ(run_process({"cmake", "-G", "Ninja", "-S", path, "-B", path + "/build"}).exit_code, 0);
  const ProcessResult built = run_process({"cmake", "--build", path + "/build"});
  ASSERT_EQ(built.exit_code, 0) << built.output;
  EXPECT_LT(run_process({path + "/build/net_example"}).exit_code, 10);  // the class
}

TEST(WriteFirmware, KeepsWhatElseLiesThere) {
  const TemporaryDirectory directory;
  const std::string target = directory.path() + "/firmware/";
  write_firmware(target, {{"a.c", "1"}, {"mote/b.c", "2"}});
  write_file(target + "mine.txt", std::string_view("3"));
  write_firmware(target, {{"a.c", "4"}});
  EXPECT_EQ(read_file(target + "a.c"), Bytes{'4'});
  EXPECT_EQ(read_file(target + "mote/b.c"), Bytes{'2'});
  EXPECT_EQ(read_file(target + "mine.txt"), Bytes{'3'});
  const auto entries = std::filesystem::directory_iterator(directory.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);  // nothing temporary is left
}

TEST(WriteFirmware, SaysWhereItCannotWrite) {
  const TemporaryDirectory directory;
  write_file(directory.path() + "/file", std::string_view("x"));
  EXPECT_THROW(write_firmware(directory.path() + "/file/firmware", {{"a.c", "1"}}), Error);
}

}  // namespace
}  // namespace mote::deploy
