#include "compress/json.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

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
  EXPECT_NE(error_of("epoch", 3).find("'epoch'"), std::string::npos);
}

// Each option alone: it is said when it is not at its default, and only then.
TEST(Json, WhatIsAtItsDefaultMayBeMissing) {
  const Json defaults = json_of(TrainOptions{});
  EXPECT_EQ(changed_training(defaults), Json::object());
  EXPECT_EQ(json_of(train_options_of(Json::object())), defaults);
  for (const auto& [key, value] : defaults.items()) {
    Json other = defaults;
    if (value.is_boolean()) {
      other[key] = !value.get<bool>();
    } else if (value.is_string()) {
      other[key] = key == "optimizer" ? "adamw" : key == "schedule" ? "cosine" : "off";
    } else {
      other[key] = value.get<double>() + 1;
    }
    EXPECT_EQ(changed_training(other), Json({{key, other[key]}}));
    other.erase(key);
    EXPECT_EQ(json_of(train_options_of(other)), defaults);
  }
}

TEST(Json, RecipesAreHashedByWhatTheyChange) {
  const Json int8 = changed_recipe(json_of(load_recipe("int8")));
  EXPECT_EQ(int8.at("name"), "int8");
  EXPECT_EQ(int8.at("steps"), Json::parse(R"([{"do": "calibrate"}, {"do": "quantize"}])"));
  const Recipe own{"own", "", {CalibrateStep{.samples = 9}, QuantizeStep{Scheme::int8, 4}}};
  EXPECT_EQ(changed_recipe(json_of(own)).at("steps"),
            Json::parse(R"([{"do": "calibrate", "samples": 9},
                            {"do": "quantize", "weight_bits": 4}])"));
  std::set<std::string> different;
  for (const Recipe& recipe : built_in_recipes())
    different.insert(changed_recipe(json_of(recipe)).at("steps").dump());
  EXPECT_EQ(different.size(), built_in_recipes().size());
}

// Recipes from before there were these keys have the hashes that they had.
TEST(Json, LaterKeysAreSaidWhereTheyAreNotAtTheirDefaults) {
  EXPECT_EQ(json_of(load_recipe("int8")).at("steps")[0].size(), 3u);
  const QuantizeStep step{.weight_bits = 4,
                          .first_bits = 8,
                          .layer_bits = {{"a", 5}},
                          .scales = WeightScale::mse,
                          .rounding = Rounding::gptq,
                          .bias_correction = true};
  const Recipe recipe{"own",
                      "",
                      {EqualizeStep{}, EqualizeStep{.by = EqualizeBy::activations},
                       CalibrateStep{.observer = Observer::percentile}, step}};
  EXPECT_EQ(changed_recipe(json_of(recipe)).at("steps"), Json::parse(R"([{"do": "equalize"},
                            {"do": "equalize", "by": "activations"},
                            {"do": "calibrate", "observer": "percentile", "percentile": 99.99},
                            {"do": "quantize", "weight_bits": 4, "first_bits": 8,
                             "layer_bits": {"a": 5}, "scales": "mse", "rounding": "gptq",
                             "bias_correction": true}])"));
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
