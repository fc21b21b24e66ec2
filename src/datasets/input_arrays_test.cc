#include "datasets/input_arrays.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "datasets/split.h"
#include "ir/graph.h"

namespace mote::datasets {
namespace {

// [count, 2] in which sample n holds n and n + offset.
Array numbers(int32_t count, float offset) {
  std::vector<float> values;
  for (int32_t n = 0; n < count; n++) {
    values.push_back(static_cast<float>(n));
    values.push_back(static_cast<float>(n) + offset);
  }
  return {DType::float32, {count, 2}, to_bytes(std::span<const float>(values))};
}

Array zeros(int32_t count) {
  return {DType::int32, {count}, Bytes(static_cast<size_t>(count) * 4)};
}

// The first number of each sample.
std::vector<float> firsts(const Array& array) {
  std::vector<float> result;
  const auto* number = reinterpret_cast<const float*>(array.data.data());
  for (int32_t n = 0; n < array.shape.at(0); n++) result.push_back(number[2 * n]);
  return result;
}

std::string error_of(const std::map<std::string, Array>& arrays) {
  try {
    dataset_of_inputs("d.npz", arrays, {"a", "b"}, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    return error.what();
  }
  return "none";
}

TEST(InputArrays, EveryCutTakesTheSameSamplesOfEachInput) {
  const Dataset data = dataset_of_inputs(
      "d.npz", {{"a", numbers(100, 0.25f)}, {"b", numbers(100, 0.5f)}, {"y", zeros(100)}},
      {"a", "b"}, {.seed = 3});
  EXPECT_EQ(data.train.count() + data.validation.count() + data.test.count(), 100);
  EXPECT_EQ(data.test.count(), 20);
  for (const Split* split : {&data.train, &data.validation, &data.test}) {
    ASSERT_EQ(split->more.size(), 1u);
    EXPECT_EQ(split->more[0].shape[0], split->count());
    EXPECT_EQ(firsts(split->more[0]), firsts(split->images));
    EXPECT_NE(split->more[0].data, split->images.data);
  }
  const std::vector<int32_t> chosen = {4, 2};
  const Split few = select(data.train, chosen);
  EXPECT_EQ(firsts(few.more.at(0)), firsts(few.images));
}

TEST(InputArrays, TakesSplitsAndNamesOfOurOwnKeys) {
  const Dataset data = dataset_of_inputs("d.npz",
                                         {{"x_train", numbers(4, 1)},
                                          {"y_train", numbers(4, 2)},
                                          {"labels_train", zeros(4)},
                                          {"x_test", numbers(3, 1)},
                                          {"y_test", numbers(3, 2)}},
                                         {"x", "y"}, {.validation_fraction = 0});
  EXPECT_EQ(data.train.count(), 4);
  EXPECT_EQ(data.test.count(), 3);
  EXPECT_EQ(data.train.more.at(0).data, numbers(4, 2).data);
}

TEST(InputArrays, ErrorsNameTheArray) {
  const std::string missing = error_of({{"a", numbers(4, 0)}, {"y", zeros(4)}});
  EXPECT_NE(missing.find("no array 'b' among [a, y]"), std::string::npos) << missing;
  EXPECT_NE(missing.find("a, b"), std::string::npos) << missing;
  EXPECT_NE(error_of({{"x", numbers(4, 0)}}).find("no array 'a'"), std::string::npos);
  EXPECT_NE(error_of({{"a", numbers(4, 0)}, {"b", numbers(5, 0)}}).find("b: 5 samples, 'a' has 4"),
            std::string::npos);
}

}  // namespace
}  // namespace mote::datasets
