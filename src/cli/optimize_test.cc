// `mote optimize`, and what `inspect` and `deploy` make of the same passes, as users see them.
#include <gtest/gtest.h>

#include "ir/mote_file.h"
#include "ir/node.h"
#include "ir/npy.h"
#include "ir/text.h"
#include "tests/support/places.h"
#include "tests/support/real_files.h"
#include "tests/support/run_mote.h"

namespace mote {
namespace {

// Of the first layer's three channels, one always holds -63 and one is read by zeros alone.
Graph with_dead_channels() {
  return parse(R"(graph dead
input x: int8[1, 4, 4, 1] {scale: 0.5, zero_point: 1}
  v: int8[3, 1, 1, 1] {scale: 1, zero_point: 0} = [10, 0, 30]
  a/bias: int32[3] {scale: 0.5, bits: 32} = [1, -1008, 3]
a: int8[1, 4, 4, 3] {scale: 8, zero_point: 0} = Conv2D(x, v, a/bias)
  w: int8[2, 1, 1, 3] {scale: 0.25, zero_point: 0} = [10, 20, 0, 40, 50, 0]
  y/bias: int32[2] {scale: 2, bits: 32} = [5, 6]
y: int8[1, 4, 4, 2] {scale: 64, zero_point: 3} = Conv2D(a, w, y/bias)
output y
)",
               {}, "dead");
}

nlohmann::json json_of(std::vector<std::string> arguments) {
  arguments.push_back("--json");
  const Outcome outcome = run_mote(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return outcome.json();
}

void expect_removed(const nlohmann::json& sizes) {
  EXPECT_EQ(sizes.at("removed_channels"), 2);
  EXPECT_EQ(sizes.at("weights"), 1 + 2);
  EXPECT_EQ(sizes.at("macs"), 16 * (1 + 2));
  EXPECT_EQ(sizes.at("before").at("weights"), 3 + 6);
  EXPECT_EQ(sizes.at("before").at("macs"), 16 * (3 + 6));
}

TEST(Optimize, WritesTheModelWithoutItsDeadChannels) {
  const std::string folder = test_folder();
  write_mote_file(folder + "dead.mote", with_dead_channels());
  for (const std::string name : {"smaller.tflite", "smaller.mote"}) {
    const auto json = json_of({"optimize", folder + "dead.mote", "-o", folder + name});
    expect_removed(json);
    EXPECT_EQ(json.at("nodes"), 2);
    EXPECT_EQ(json.at("channels"), 3);
    EXPECT_EQ(json.at("weight_bytes"), 3 + 4 * 3);
    EXPECT_EQ(json.at("before").at("channels"), 5);
    for (const auto& pass : json.at("passes"))
      EXPECT_EQ(pass.at("changed"), pass.at("name") == "eliminate_dead_channels") << pass;
    const auto twice = json_of({"optimize", folder + name, "-o", folder + "twice.mote"});
    EXPECT_EQ(twice.at("removed_channels"), 0);
    EXPECT_EQ(twice.at("before").at("weights"), twice.at("weights"));
  }
  EXPECT_EQ(text_of_file(folder + "twice.mote"), text_of_file(folder + "smaller.mote"));
}

TEST(Optimize, ChangesNoByteOfTheOutput) {
  const std::string folder = test_folder();
  write_mote_file(folder + "dead.mote", with_dead_channels());
  Bytes pixels(4 * 16);
  for (size_t i = 0; i < pixels.size(); i++) pixels[i] = static_cast<uint8_t>(37 * i + i / 7);
  write_npy(folder + "x.npy", {DType::int8, {4, 4, 4, 1}, pixels});
  json_of({"optimize", folder + "dead.mote", "-o", folder + "smaller.tflite"});
  const auto outputs = [&](const std::string& model) {
    json_of({"run", folder + model, "--input", folder + "x.npy", "--output", folder + "y.npy"});
    return text_of_file(folder + "y.npy");
  };
  EXPECT_EQ(outputs("smaller.tflite"), outputs("dead.mote"));
}

TEST(Optimize, ShowsWhatEachPassTook) {
  const std::string folder = test_folder();
  write_mote_file(folder + "dead.mote", with_dead_channels());
  const Outcome outcome = run_mote({"optimize", folder + "dead.mote", "-o", folder + "s.mote"});
  const auto line = [&](const std::string& name) {
    const size_t begin = outcome.out.find("\n" + name) + 1;
    std::string text = outcome.out.substr(begin, outcome.out.find('\n', begin) - begin);
    for (size_t at; (at = text.find("  ")) != std::string::npos;) text.erase(at, 1);
    return text;
  };
  EXPECT_EQ(line("before"), "before 2 5 9 144 29");
  EXPECT_EQ(line("eliminate_dead_channels"), "eliminate_dead_channels exact -2 -6 -96 -14");
  EXPECT_EQ(line("after"), "after 2 3 3 48 15");
}

TEST(Optimize, WhatInspectAndDeployDoUnlessTold) {
  const std::string folder = test_folder();
  write_mote_file(folder + "dead.mote", with_dead_channels());
  const auto inspected = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"inspect", folder + "dead.mote"});
    return json_of(options);
  };
  const auto deployed = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"deploy", folder + "dead.mote", "--device", "microbit", "-o",
                                     folder + "firmware"});
    return json_of(options);
  };
  const auto optimized = inspected({}), as_it_is = inspected({"--no-optimize"});
  expect_removed(optimized.at("optimization"));
  EXPECT_EQ(as_it_is.at("optimization").at("removed_channels"), 0);
  EXPECT_EQ(as_it_is.at("macs"), optimized.at("macs"));  // of the file
  EXPECT_LT(optimized.at("constant_bytes"), as_it_is.at("constant_bytes"));
  EXPECT_LT(optimized.at("peak_ram_bytes"), as_it_is.at("peak_ram_bytes"));
  for (const auto& [inspection, deployment] :
       {std::pair(optimized, deployed({})), std::pair(as_it_is, deployed({"--no-optimize"}))}) {
    EXPECT_EQ(deployment.at("optimization"), inspection.at("optimization"));
    EXPECT_EQ(deployment.at("constant_bytes"), inspection.at("constant_bytes"));
    EXPECT_EQ(deployment.at("arena_bytes"), inspection.at("peak_ram_bytes"));
  }
}

TEST(Optimize, TakesHalfTheWorkFromTheVisualWakeWords) {
  const std::string models = testing::folder_from("MOTE_MODELS_DIR");
  if (models.empty()) GTEST_SKIP() << "MOTE_MODELS_DIR is not set";
  const std::string folder = test_folder(), smaller = folder + "vww.tflite";
  const auto json = json_of({"optimize", models + "/vww96_int8.tflite", "-o", smaller});
  EXPECT_LE(json.at("weights"), 29286);
  EXPECT_LE(json.at("macs"), 3733073);
  EXPECT_EQ(json.at("before").at("channels"), 2738);
  EXPECT_EQ(json_of({"optimize", smaller, "-o", folder + "twice.tflite"}).at("removed_channels"),
            0);
  for (const char* name : {"resnet8_int8", "kws_dscnn_int8"}) {
    const auto alive = json_of(
        {"optimize", models + "/" + name + ".tflite", "-o", folder + std::string(name) + ".mote"});
    EXPECT_EQ(alive.at("removed_channels"), 0) << name;
    EXPECT_EQ(alive.at("weights"), alive.at("before").at("weights")) << name;
  }
}

}  // namespace
}  // namespace mote
