#include "compress/train/changes.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "compress/json.h"

namespace mote::compress {
namespace {

Json changes_of(const std::string& text, Shares shares = Shares::allowed) {
  const TomlReader reader("changes.toml");
  return read_changes(reader, reader.parse(text, "TOML"), shares);
}

std::string refusal_of(const std::string& text, Shares shares = Shares::allowed) {
  try {
    changes_of(text, shares);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    return error.what();
  }
  return "accepted";
}

TEST(Changes, LeaveTheRestAsItWas) {
  const TrainOptions options{.epochs = 40, .batch = 64, .learning_rate = 0.5f, .crop = 3};
  const TrainOptions after =
      changed(options, changes_of("epochs = 7\nlearning_rate = 0.25\noptimizer = \"adamw\"\n"
                                  "flip = true"));
  EXPECT_EQ(after.epochs, 7);
  EXPECT_EQ(after.learning_rate, 0.25f);
  EXPECT_EQ(after.optimizer, Optimizer::adamw);
  EXPECT_TRUE(after.flip);
  EXPECT_EQ(after.batch, 64);
  EXPECT_EQ(after.crop, 3);
  EXPECT_EQ(json_of(changed(options, Json::object())), json_of(options));
}

TEST(Changes, SharesAreOfWhatTheNetworkHas) {
  const TrainOptions options{.epochs = 40, .learning_rate = 0.5f};
  const Json changes = changes_of("epochs = \"30 %\"\nlearning_rate = \"10%\"");
  EXPECT_EQ(changed(options, changes).epochs, 12);
  EXPECT_FLOAT_EQ(changed(options, changes).learning_rate, 0.05f);
  EXPECT_EQ(changed({.epochs = 1}, changes).epochs, 1);  // one is left
}

TEST(Changes, ErrorsHaveALine) {
  EXPECT_EQ(
      refusal_of("\nepochs = \"30\""),
      "changes.toml:2: 'epochs' is neither a number nor a share (epochs = \"30 %\" is a share of "
      "what the network's own training has)");
  EXPECT_NE(refusal_of("epochs = \"0 %\"").find(":1"), std::string::npos);
  EXPECT_NE(refusal_of("epochs = \"30 %\"", Shares::refused).find(":1"), std::string::npos);
  EXPECT_NE(refusal_of("momentum = \"30 %\"").find("momentum"), std::string::npos);
  EXPECT_NE(refusal_of("momentum = 2").find("momentum is 2"), std::string::npos);
  EXPECT_NE(refusal_of("schedule = \"steep\"").find("one_cycle"), std::string::npos);
  EXPECT_NE(refusal_of("epochs = 0").find("epochs is 0"), std::string::npos);
}

}  // namespace
}  // namespace mote::compress
