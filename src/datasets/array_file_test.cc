#include "datasets/array_file.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "ir/npy.h"
#include "tests/support/temp_path.h"

namespace mote::datasets {
namespace {

Array pixels(Shape shape) {
  return {DType::uint8, shape, Bytes(static_cast<size_t>(element_count(shape)), 7)};
}

template <class T>
Array labels(DType dtype, const std::vector<T>& values) {
  const auto* first = reinterpret_cast<const uint8_t*>(values.data());
  return {dtype,
          {static_cast<int32_t>(values.size())},
          Bytes(first, first + values.size() * sizeof(T))};
}

std::string saved(const std::map<std::string, Array>& arrays) {
  const std::string path = temp_path("arrays.npz");
  write_npz(path, arrays);
  return path;
}

std::string error_of(const std::string& path, ErrorKind kind) {
  try {
    read_array_file(path, 1);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
    return error.what();
  }
  return "no error";
}

TEST(ArrayFile, ReadsTrainAndTest) {
  const Dataset dataset =
      read_array_file(saved({{"x_train", pixels({3, 4, 4, 1})},
                             {"y_train", labels<int64_t>(DType::int64, {0, 1, 2})},
                             {"x_test", pixels({2, 4, 4, 1})},
                             {"y_test", labels<uint8_t>(DType::uint8, {3, 1})}}),
                      1);
  EXPECT_EQ(dataset.train.labels, (std::vector<int32_t>{0, 1, 2}));
  EXPECT_EQ(dataset.test.labels, (std::vector<int32_t>{3, 1}));
  EXPECT_EQ(dataset.class_names, (std::vector<std::string>{"0", "1", "2", "3"}));
  EXPECT_FALSE(dataset.synthetic);
}

TEST(ArrayFile, UnlabelledImagesAreTrainingData) {
  const Dataset dataset = read_array_file(saved({{"x", pixels({5, 4, 4})}}), 1);
  EXPECT_EQ(dataset.train.images.shape, (Shape{5, 4, 4, 1}));
  EXPECT_TRUE(dataset.train.labels.empty());
  EXPECT_EQ(dataset.test.count(), 0);
  EXPECT_EQ(dataset.classes(), 0);
  const std::string npy = temp_path("images.npy");
  write_npy(npy, pixels({6, 4, 4, 3}));
  EXPECT_EQ(read_array_file(npy, 1).train.count(), 6);
}

TEST(ArrayFile, OneLabelledPieceIsCutBySeed) {
  std::vector<int32_t> classes(50);
  for (size_t i = 0; i < classes.size(); i++) classes[i] = static_cast<int32_t>(i);
  const std::string path =
      saved({{"x", pixels({50, 2, 2, 1})}, {"y", labels(DType::int32, classes)}});
  const Dataset dataset = read_array_file(path, 1);
  EXPECT_EQ(dataset.train.count(), 40);
  EXPECT_EQ(dataset.test.count(), 10);
  EXPECT_EQ(dataset.test.labels, read_array_file(path, 1).test.labels);
  EXPECT_NE(dataset.test.labels, read_array_file(path, 2).test.labels);
}

TEST(ArrayFile, ContradictionsAreErrorsThatNameTheKey) {
  const Array x = pixels({2, 4, 4, 1});
  const auto with_labels = [&](const Array& y) { return saved({{"x", x}, {"y", y}}); };
  EXPECT_NE(error_of(with_labels(labels<int32_t>(DType::int32, {1})), ErrorKind::invalid_input)
                .find("y: 1 labels for 2 images"),
            std::string::npos);
  EXPECT_NE(error_of(with_labels(labels<int32_t>(DType::int32, {1, -1})), ErrorKind::invalid_input)
                .find("label -1 of sample 1"),
            std::string::npos);
  EXPECT_NE(error_of(with_labels(labels<int32_t>(DType::int32, {1, 2000000000})),
                     ErrorKind::invalid_input)
                .find("label 2000000000"),
            std::string::npos);
  EXPECT_NE(error_of(with_labels(labels<float>(DType::float32, {1, 2})), ErrorKind::invalid_input)
                .find("labels of float32"),
            std::string::npos);
  EXPECT_NE(
      error_of(saved({{"images", x}}), ErrorKind::invalid_input).find("no images among [images]"),
      std::string::npos);
  EXPECT_NE(error_of(saved({{"x", pixels({4})}}), ErrorKind::invalid_input).find("shape [4]"),
            std::string::npos);
  Array wide = pixels({2, 4, 4, 1});
  wide.dtype = DType::int8;
  EXPECT_NE(error_of(saved({{"x", wide}}), ErrorKind::unsupported).find("images of int8"),
            std::string::npos);
}

TEST(ArrayFile, AHundredCutsGiveOneErrorEach) {
  const std::string path = saved({{"x", pixels({20, 8, 8, 1})}});
  const Bytes whole = read_file(path);
  const std::string cut_path = temp_path("cut.npz");
  Random random(11);
  for (int i = 0; i < 100; i++) {
    const size_t length = random.below(whole.size());
    write_file(cut_path, std::span(whole).first(length));
    EXPECT_NE(error_of(cut_path, ErrorKind::invalid_input), "no error") << length;
  }
}

TEST(ArrayFile, ArraysInMemoryAreTheSameDataAsTheirFile) {
  const std::map<std::string, Array> arrays{{"x", pixels({20, 3, 3, 1})},
                                            {"y", labels(DType::int32, std::vector<int32_t>(20))}};
  const Dataset memory = from_arrays("mine", arrays, {.seed = 3, .validation_fraction = 0.25});
  const Dataset file = load(saved(arrays), {.seed = 3, .validation_fraction = 0.25});
  EXPECT_EQ(memory.name, "mine");
  EXPECT_EQ(memory.train.count(), 12);
  EXPECT_EQ(memory.validation.count(), 4);
  EXPECT_EQ(memory.test.images, file.test.images);
  EXPECT_EQ(memory.train.labels, file.train.labels);
}

}  // namespace
}  // namespace mote::datasets
