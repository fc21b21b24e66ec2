#include "compress/json.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote::compress {
namespace {

TEST(Json, OptionsComeBackAsTheyWere) {
  TrainOptions options;
  options.epochs = 7;
  options.optimizer = Optimizer::adamw;
  options.learning_rate = 0.3f;
  options.flip = true;
  options.bf16 = Bf16::off;
  options.seed = 1ull << 60;
  const Json json = json_of(options);
  EXPECT_EQ(json.at("optimizer"), "adamw");
  EXPECT_EQ(json.at("learning_rate").dump(), "0.3");
  EXPECT_EQ(json.at("seed"), 1ull << 60);
  const TrainOptions back = train_options_of(Json::parse(json.dump()));
  EXPECT_EQ(json_of(back), json);
  EXPECT_EQ(back.learning_rate, 0.3f);
}

TEST(Json, ErrorsNameTheOption) {
  const auto error_of = [](const char* key, const Json& value) -> std::string {
    Json json = json_of(TrainOptions{});
    if (value.is_null())
      json.erase(key);
    else
      json[key] = value;
    try {
      train_options_of(json);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::invalid_input);
      return error.message;
    }
    return "";
  };
  EXPECT_NE(error_of("epochs", nullptr).find("'epochs'"), std::string::npos);
  EXPECT_NE(error_of("epochs", "many").find("'epochs'"), std::string::npos);
  EXPECT_NE(error_of("schedule", "steep").find("'schedule'"), std::string::npos);
}

TEST(Json, RecipesSayWhatTheirFilesLeaveOut) {
  const Json int8 = json_of(load_recipe("int8"));
  EXPECT_EQ(int8.at("name"), "int8");
  ASSERT_EQ(int8.at("steps").size(), 2u);
  EXPECT_EQ(int8.at("steps")[0],
            Json({{"do", "calibrate"}, {"observer", "min_max"}, {"samples", 256}}));
  EXPECT_EQ(int8.at("steps")[1],
            Json({{"do", "quantize"}, {"scheme", "int8"}, {"weight_bits", 8}}));
  const Json wide = json_of(load_recipe("int16x8"));
  EXPECT_EQ(wide.at("steps")[1].at("bias_bits"), 64);
  EXPECT_TRUE(json_of(load_recipe("float32")).at("steps").is_array());
}

}  // namespace
}  // namespace mote::compress
