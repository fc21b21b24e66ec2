// Emitted projects in those of others: C++, several models, other flags than our own.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/process.h"
#include "base/resources.h"
#include "deploy/emit/emit.h"
#include "deploy/emit/sources.h"
#include "tests/support/firmware_project.h"
#include "tests/support/packable.h"

namespace mote::deploy {
namespace {

using testing::c_files;
using testing::firmware_project;
using testing::installed_compilers;

void expect_runs(std::vector<std::string> command, const std::string& folder) {
  const ProcessResult result = run_process(command, {folder});
  EXPECT_EQ(result.exit_code, 0) << command[0] << ": " << result.output;
}

// ---- One name ----

// Else the guard of one header would hide the other, and the linker take either's code.
TEST(EmitOneName, TwoModelsAreAnErrorOneModelTwiceIsNone) {
  const std::vector<std::string> compilers = installed_compilers();
  if (compilers.empty()) GTEST_SKIP() << "there is no C compiler";
  const TemporaryDirectory directory;
  write_firmware(directory.path() + "/a", firmware_project("net", DType::float32, 1));
  write_firmware(directory.path() + "/b", firmware_project("net", DType::float32, 2));
  write_firmware(directory.path() + "/c", firmware_project("net", DType::float32, 1));
  write_firmware(directory.path() + "/d", firmware_project("other", DType::float32, 2));
  const auto compiled = [&](const std::string& compiler, const std::string& second) {
    write_firmware(directory.path() + "/main",
                   {{"main.c", "#include \"../a/net.h\"\n#include \"../" + second + "\"\n"}});
    return run_process({compiler, "-fsyntax-only", "main/main.c"}, {directory.path()});
  };
  for (const std::string& compiler : compilers) {
    EXPECT_EQ(compiled(compiler, "c/net.h").exit_code, 0);
    EXPECT_EQ(compiled(compiler, "d/other.h").exit_code, 0);
    const ProcessResult both = compiled(compiler, "b/net.h");
    EXPECT_NE(both.exit_code, 0) << compiler;
    EXPECT_NE(both.output.find("two models are called net"), std::string::npos) << both.output;
  }
}

// ---- C++ ----

class EmitCpp : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    compilers_ = testing::installed_of({{"g++", "g++-12"}, {"clang++", "clang++-14"}});
    if (compilers_.empty()) GTEST_SKIP() << "there is no C++ compiler";
  }
  std::vector<std::string> compilers_;
};

// Walks, which kernels include behind types of their own, and what decoders are made of: nobody
// else's headers.
bool is_walk(std::string_view path) {
  return path.ends_with("runtime/pool.h") || path.find("window.h") != path.npos ||
         path.find("runtime/walk_") != path.npos || path.ends_with("runtime/sparse_decode.h") ||
         path.ends_with("runtime/broadcast_loop.h") || path.ends_with("pad/pad_loop.h");
}

// All headers of ours that firmware for a microcontroller may have.
FirmwareFiles runtime_headers() {
  FirmwareFiles files;
  for (const char* folder : {"runtime/", "ops/"})
    for (const std::string_view path : resources(folder)) {
      const bool of_x86 = path.find("lanes") != path.npos || path.find("tile") != path.npos ||
                          path.find("avx") != path.npos;
      if (path.ends_with(".h") && !of_x86)
        files["mote/" + std::string(path)] = source_text(std::string(path));
    }
  return files;
}

TEST_P(EmitCpp, CompilesEveryHeader) {
  FirmwareFiles files = firmware_project("net", DType::float32, 1);
  files.merge(runtime_headers());
  std::string all;
  for (const auto& [path, text] : files)
    if (path.ends_with(".h") && !is_walk(path)) all += "#include \"" + path + "\"\n";
  EXPECT_GT(std::ranges::count(all, '\n'), 30);
  files["all.cc"] = all + all;
  const TemporaryDirectory directory;
  write_firmware(directory.path(), files);
  for (const std::string& compiler : compilers_)
    expect_runs({compiler, std::string("-std=") + GetParam(), "-Wall", "-Wextra", "-Wpedantic",
                 "-Werror", "-O2", "-c", "all.cc"},
                directory.path());
}

TEST_P(EmitCpp, ProgramLinksTheModel) {
  FirmwareFiles files = firmware_project("net", DType::int8, 1);
  const std::vector<std::string> sources = c_files(files);
  // The kernels' headers too: whatever has the linkage of C++ by mistake does not link.
  files["main.cc"] = testing::self_test_main({"net"}, {"net.h", "net_selftest.h"}) +
                     "#include \"mote/ops/conv2d/conv2d_kernels.h\"\n"
                     "#include \"mote/runtime/weights.h\"\n"
                     "void *const volatile used[] = {(void *)mote_conv2d_s8_dsp, "
                     "(void *)mote_next_tile, (void *)net_labels, (void *)net_invoke};\n";
  const TemporaryDirectory directory;
  write_firmware(directory.path(), files);
  std::vector<std::string> compile = {"cc", "-std=c11", "-O2", "-c"};
  compile.insert(compile.end(), sources.begin(), sources.end());
  expect_runs(compile, directory.path());
  for (const std::string& compiler : compilers_) {
    std::vector<std::string> link = {
        compiler, std::string("-std=") + GetParam(), "-Wall", "-Wextra", "-Werror", "main.cc", "-o",
        "program"};
    for (const std::string& source : sources)
      link.push_back(std::filesystem::path(source).stem().string() + ".o");
    expect_runs(link, directory.path());
    expect_runs({directory.path() + "/program"}, directory.path());
  }
}

INSTANTIATE_TEST_SUITE_P(, EmitCpp, ::testing::Values("c++11", "c++14", "c++17", "c++20"),
                         [](const auto& info) {
                           return std::string(info.param).replace(1, 2, "xx");
                         });

// ---- several models, each in a folder with all its files ----

FirmwareFiles three_models() {
  FirmwareFiles files;
  const auto add = [&](const std::string& folder, const std::string& name, const Graph& graph) {
    for (const auto& [path, text] : firmware_project(name, graph, 3))
      files[folder + "/" + path] = text;
  };
  add("vision", "eye", testing::small_graph(DType::int8, 1));
  add("sound", "ear", testing::with_packable_weights(testing::small_graph(DType::float32, 2)));
  add("touch", "skin", testing::small_dynamic_graph(3));
  files["main.c"] = testing::self_test_main(
      {"eye", "ear", "skin"},
      {"vision/eye_selftest.h", "sound/ear_selftest.h", "touch/skin_selftest.h"});
  return files;
}

TEST(EmitTogether, ABuildOfEveryFileInSightLinks) {
  const FirmwareFiles files = three_models();
  ASSERT_TRUE(files.contains("vision/mote/runtime/weights.c"));
  ASSERT_TRUE(files.contains("sound/mote/runtime/weights.c"));
  ASSERT_FALSE(files.contains("vision/mote/ops/conv2d/conv2d_f32.c"));
  for (const std::string& compiler : installed_compilers()) {
    const TemporaryDirectory directory;
    write_firmware(directory.path(), files);
    std::vector<std::string> command = {compiler,  "-std=c11", "-Wall", "-Wextra",
                                        "-Werror", "-O2",      "-o",    "program"};
    for (const std::string& source : c_files(files)) command.push_back(source);
    expect_runs(command, directory.path());
    expect_runs({directory.path() + "/program"}, directory.path());
  }
}

// What --gc-sections leaves of the copies: one of each function.
TEST(EmitTogether, TheLinkerKeepsOneCopyOfEachFunction) {
  if (!testing::installed("arm-none-eabi-gcc") || !testing::installed("arm-none-eabi-nm"))
    GTEST_SKIP() << "install the Debian package gcc-arm-none-eabi";
  const FirmwareFiles files = three_models();
  const TemporaryDirectory directory;
  write_firmware(directory.path(), files);
  std::vector<std::string> command = {"arm-none-eabi-gcc",
                                      "-std=c11",
                                      "-mcpu=cortex-m0",
                                      "-mthumb",
                                      "-O2",
                                      "-ffunction-sections",
                                      "-fdata-sections",
                                      "-Wl,--gc-sections",
                                      "--specs=nosys.specs",
                                      "-Wl,--no-warn-rwx-segments",
                                      "-Wl,-Map=map",
                                      "-o",
                                      "program"};
  for (const std::string& source : c_files(files)) command.push_back(source);
  expect_runs(command, directory.path());
  const Bytes bytes = read_file(directory.path() + "/map");
  const std::string map(bytes.begin(), bytes.end());
  const std::string section = "\n .text.mote_softmax_f32\n";
  const size_t discarded = map.find(section), kept = map.find("Linker script and memory map");
  EXPECT_LT(discarded, kept);
  const size_t first = map.find(section, kept);
  EXPECT_NE(first, map.npos);
  EXPECT_EQ(map.find(section, first + 1), map.npos);
}

// Each function that a file shares with others says so: a kernel without it links in a project of
// one model only.
TEST(EmitTogether, EveryFunctionOfOursIsShared) {
  int functions = 0;
  for (const char* folder : {"runtime/", "ops/"})
    for (const std::string_view path : resources(folder)) {
      if (!path.ends_with(".c")) continue;
      std::string before;
      const std::string text(resource(path));
      for (size_t at = 0, end; at < text.size(); at = end + 1) {
        end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        const size_t name = line.find("mote_"), open = line.find('(');
        const bool defines = !line.empty() && line[0] >= 'A' && line[0] <= 'z' &&
                             !line.starts_with("static") && !line.starts_with("MOTE_SHARED") &&
                             !line.starts_with("typedef") && name < open && open != line.npos;
        if (defines) {
          EXPECT_EQ(before, "MOTE_SHARED(" + line.substr(name, open - name) + ")") << path;
          functions++;
        }
        before = line;
      }
    }
  EXPECT_GT(functions, 60);
}

// ---- flags that change float arithmetic ----

class EmitFlags : public ::testing::Test {
 protected:
  // The exit code of the self-tests, or nothing where the compiler refused with `refusal_`.
  std::optional<int> self_test(const std::string& compiler, std::vector<std::string> flags,
                               const Graph& graph) {
    FirmwareFiles files = firmware_project("net", graph, 3);
    files["main.c"] = testing::self_test_main({"net"}, {"net_selftest.h"});
    const TemporaryDirectory directory;
    write_firmware(directory.path(), files);
    flags.insert(flags.begin(), {compiler, "-std=c11", "-Wall", "-Wextra", "-o", "program"});
    for (const std::string& source : c_files(files)) flags.push_back(source);
    const ProcessResult built = run_process(flags, {directory.path()});
    refusal_ = built.output;
    if (built.exit_code != 0) return {};
    EXPECT_EQ(built.output, "");
    return run_process({directory.path() + "/program"}).exit_code;
  }
  std::string refusal_;
};

TEST_F(EmitFlags, ContractionChangesNothing) {
  for (const std::string& compiler : installed_compilers())
    for (const Graph& graph :
         {testing::small_graph(DType::float32, 3), testing::small_dynamic_graph(3)}) {
      EXPECT_EQ(self_test(compiler, {"-O3", "-march=native"}, graph), 0) << compiler;
      const bool heeds = compiler.find("clang") == compiler.npos;
      const auto code = self_test(compiler, {"-O3", "-march=native", "-ffp-contract=fast"}, graph);
      // clang cannot be told otherwise; where that matters, the self-test says what the matter is.
      EXPECT_TRUE(code == 0 || (!heeds && code == 2)) << compiler << " " << code.value_or(-1);
    }
}

TEST_F(EmitFlags, FastMathIsRefused) {
  for (const std::string& compiler : installed_compilers()) {
    for (const char* flag : {"-ffast-math", "-ffinite-math-only", "-Ofast"}) {
      EXPECT_FALSE(self_test(compiler, {"-O2", flag}, testing::small_graph(DType::float32, 3)));
      EXPECT_NE(refusal_.find("without -ffast-math"), refusal_.npos) << compiler << refusal_;
    }
    // Integers do not mind.
    EXPECT_EQ(self_test(compiler, {"-Ofast"}, testing::small_graph(DType::int8, 3)), 0);
  }
}

TEST_F(EmitFlags, OtherStandardsAndLevelsOfOptimization) {
  for (const std::string& compiler : installed_compilers())
    for (const char* flag : {"-O0", "-Os", "-std=gnu17", "-funsigned-char", "-fshort-enums"})
      EXPECT_EQ(self_test(compiler, {flag}, testing::small_graph(DType::float32, 3)), 0) << flag;
}

// Every file that computes with floats protects itself, whatever model it will be emitted for.
TEST(EmitExactFloat, IsIncludedFirstByEveryFileWithFloats) {
  for (const char* folder : {"runtime/", "ops/"})
    for (const std::string_view path : resources(folder)) {
      const std::string text(resource(path));
      if (!path.ends_with(".c") || text.find("float") == text.npos || path.find("avx") != path.npos)
        continue;
      EXPECT_EQ(text.find("#include \"runtime/exact_float.h\"\n\n"), text.find("#include")) << path;
    }
}

}  // namespace
}  // namespace mote::deploy
