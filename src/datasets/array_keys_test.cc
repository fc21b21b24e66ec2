#include "datasets/array_keys.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote::datasets {
namespace {

using Keys = std::vector<std::string>;

TEST(FindKeys, KnowsTheNamesThatPeopleGive) {
  const std::pair<Keys, SplitKeys> training[] = {
      {{"x_train", "y_train"}, {"x_train", "y_train"}},
      {{"X_train", "Y_train"}, {"X_train", "Y_train"}},
      {{"X_TRAIN", "y_Train"}, {"X_TRAIN", "y_Train"}},
      {{"train_images", "train_labels"}, {"train_images", "train_labels"}},
      {{"train_x", "train_y"}, {"train_x", "train_y"}},
      {{"training_images", "training_labels"}, {"training_images", "training_labels"}},
      {{"images_train"}, {"images_train", ""}},
  };
  for (const auto& [keys, expected] : training) {
    const ArrayKeys found = find_keys(keys, "f");
    EXPECT_EQ(found.train.images, expected.images);
    EXPECT_EQ(found.train.labels, expected.labels);
    EXPECT_FALSE(found.whole);
    for (const std::string& key : keys) EXPECT_TRUE(is_key(key)) << key;
  }
  for (const char* word : {"val", "valid", "validation", "VAL"}) {
    const std::string after = std::string("x_") + word, before = std::string(word) + "_images";
    EXPECT_EQ(find_keys({"x_train", after}, "f").validation.images, after);
    EXPECT_EQ(find_keys({"x_train", before}, "f").validation.images, before);
  }
  EXPECT_EQ(find_keys({"test_images", "test_labels"}, "f").test.labels, "test_labels");
}

TEST(FindKeys, TakesWhatIsInOnePieceOnlyWhereNothingIsSplit) {
  const ArrayKeys found = find_keys({"images", "labels", "x_test", "y_test"}, "f");
  EXPECT_TRUE(found.whole);
  EXPECT_EQ(found.train.images, "images");
  EXPECT_EQ(found.train.labels, "labels");
  EXPECT_EQ(found.test.images, "x_test");
  EXPECT_EQ(find_keys({"X", "Y"}, "f").train.images, "X");
  EXPECT_EQ(find_keys({"x", "y", "x_train"}, "f").train.images, "x_train");
  EXPECT_EQ(find_keys({"x", "y", "x_train"}, "f").train.labels, "");
}

TEST(FindKeys, OtherKeysMeanNothing) {
  for (const char* key : {"", "_", "xtrain", "x_", "x_trai", "x_train_", "x_train_2", "class_names",
                          "train", "y_x", "x_y", "train_test", "meta"}) {
    const ArrayKeys found = find_keys({key}, "f");
    EXPECT_EQ(found.train.images + found.validation.images + found.test.images, "") << key;
    EXPECT_FALSE(is_key(key)) << key;
  }
}

TEST(FindKeys, OfTwoForTheSameThingTheOneSpelledOutCounts) {
  EXPECT_EQ(find_keys({"train_images", "x_train", "X_TRAIN"}, "f").train.images, "x_train");
  EXPECT_EQ(find_keys({"images", "x", "X"}, "f").train.images, "x");
  for (const Keys& keys : {Keys{"train_images", "X_train"}, Keys{"x_train", "x_val", "x_valid"}}) {
    try {
      find_keys(keys, "some.npz");
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::invalid_input);
      EXPECT_EQ(error.where, "some.npz");
      EXPECT_NE(error.message.find(keys[keys.size() - 2] + " and " + keys.back()),
                std::string::npos)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace mote::datasets
