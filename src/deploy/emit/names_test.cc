#include "deploy/emit/names.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "base/process.h"
#include "deploy/emit/emit.h"
#include "tests/support/firmware_project.h"

namespace mote::deploy {
namespace {

TEST(Names, IdentifiersFromAnyText) {
  EXPECT_EQ(c_identifier("StatefulPartitionedCall/conv2d_1/Relu;bias"),
            "statefulpartitionedcall_conv2d_1_relu_bias");
  EXPECT_EQ(c_identifier("1x1"), "n1x1");
  EXPECT_EQ(c_identifier("a-.b"), "a_b");
  EXPECT_EQ(c_identifier("a__b_"), "a_b");
  for (const char* text : {"", "*/", "モデル", "_", "\xff"}) EXPECT_EQ(c_identifier(text), "model");
}

TEST(Names, LongTextsAreCutAndStayApart) {
  const std::string long_text(5000, 'x');
  const std::string name = c_identifier(long_text);
  EXPECT_LE(name.size(), 48u);
  EXPECT_EQ(name.substr(0, 20), std::string(20, 'x'));
  EXPECT_NE(name, c_identifier(long_text + "y"));
  EXPECT_EQ(c_identifier(std::string(48, 'x')), std::string(48, 'x'));
}

TEST(Names, AreGivenOutOnce) {
  UniqueNames names;
  EXPECT_EQ(names.unique("a"), "a");
  EXPECT_EQ(names.unique("a_2"), "a_2");
  EXPECT_EQ(names.unique("a"), "a_3");
  EXPECT_EQ(names.unique("a"), "a_4");
  EXPECT_EQ(names.unique("a_2"), "a_2_2");
  for (int i = 0; i < 100'000; i++) names.unique("b");  // in no quadratic time
  EXPECT_EQ(names.unique("b"), "b_100001");
}

TEST(FirmwareName, KeepsOrdinaryNames) {
  for (const char* name : {"model", "net", "digits", "digits_int8", "kws_dscnn", "v2"})
    EXPECT_EQ(firmware_name(name), name);
  EXPECT_EQ(firmware_name("My Net-2"), "my_net_2");
}

TEST(FirmwareName, GivesWayToWhatOthersOwn) {
  EXPECT_EQ(firmware_name("stdint"), "stdint_model");
  EXPECT_EQ(firmware_name("Float"), "float_model");
  EXPECT_EQ(firmware_name("test"), "test_model");  // a target of CMake's
  EXPECT_EQ(firmware_name("AUX"), "aux_model");    // no file name on Windows
  EXPECT_EQ(firmware_name("net_selftest"), "net_selftest_model");
  EXPECT_EQ(firmware_name("mote"), "model_mote");
  EXPECT_EQ(firmware_name("mote_conv2d_s8"), "model_mote_conv2d_s8");
}

TEST(FirmwareName, IsStable) {
  for (const std::string& text :
       {std::string("stdint"), std::string("mote"), std::string(100, 'y') + "_selftest",
        std::string(39, 'y') + "_selftest", "mote_" + std::string(60, 'z'), std::string()}) {
    const std::string name = firmware_name(text);
    EXPECT_EQ(firmware_name(name), name);
    EXPECT_LE(name.size(), 54u);
  }
}

// The folders in which a compiler looks for <headers>.
std::vector<std::string> include_folders(const std::string& compiler) {
  const std::string output = run_process({compiler, "-x", "c++", "-E", "-v", "/dev/null"}).output;
  std::vector<std::string> folders;
  std::istringstream lines(output);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#include <...>")) inside = true;
    if (line.starts_with("End of search")) break;
    if (inside && line.starts_with(" ")) folders.push_back(line.substr(1));
  }
  return folders;
}

// A model's header NAME.h, in a folder that a project includes from, must not hide one of theirs.
TEST(FirmwareName, IsNoHeaderOfTheToolchain) {
  if (!testing::installed("arm-none-eabi-gcc"))
    GTEST_SKIP() << "install the Debian package gcc-arm-none-eabi";
  int headers = 0;
  for (const std::string& folder : include_folders("arm-none-eabi-gcc")) {
    if (!std::filesystem::is_directory(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      const std::string stem = entry.path().stem();
      EXPECT_NE(firmware_name(stem) + ".h", entry.path().filename()) << entry.path();
      headers++;
    }
  }
  EXPECT_GT(headers, 80);
}

}  // namespace
}  // namespace mote::deploy
