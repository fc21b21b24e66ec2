#include "datasets/array_file.h"

#include <cmath>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/random.h"
#include "base/zip.h"
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
  EXPECT_NE(error_of(saved({{"pictures", x}, {"y", x}}), ErrorKind::invalid_input)
                .find("no images among [pictures, y] (the keys are x_train"),
            std::string::npos);
  EXPECT_NE(error_of(saved({{"x", pixels({4})}}), ErrorKind::invalid_input).find("shape [4]"),
            std::string::npos);
}

// The same four pixels, by hand, in every type.
TEST(ArrayFile, ImagesOfOtherNumbersBecomeFloats) {
  const std::vector<float> expected{0, 1, 2, 120};
  const auto bytes = [](const auto& elements) {
    const auto* first = reinterpret_cast<const uint8_t*>(elements.data());
    return Bytes(first, first + elements.size() * sizeof(elements[0]));
  };
  const Array arrays[] = {
      {DType::float32, {1, 2, 2, 1}, bytes(expected)},
      {DType::float16, {1, 2, 2, 1}, {0, 0, 0, 0x3c, 0, 0x40, 0x80, 0x57}},
      {DType::int8, {1, 2, 2}, {0, 1, 2, 120}},
      {DType::int16, {1, 2, 2}, bytes(std::vector<int16_t>{0, 1, 2, 120})},
      {DType::int32, {1, 2, 2}, bytes(std::vector<int32_t>{0, 1, 2, 120})},
      {DType::int64, {1, 2, 2}, bytes(std::vector<int64_t>{0, 1, 2, 120})},
  };
  for (const Array& array : arrays) {
    const Array images = read_array_file(saved({{"x", array}}), 1).train.images;
    EXPECT_EQ(images.dtype, DType::float32) << name_of(array.dtype);
    EXPECT_EQ(images.shape, (Shape{1, 2, 2, 1})) << name_of(array.dtype);
    EXPECT_EQ(images.data, bytes(expected)) << name_of(array.dtype);
  }
  const Array flags{DType::boolean, {1, 4}, {0, 1, 255, 0}};
  EXPECT_EQ(read_array_file(saved({{"x", flags}}), 1).train.images.data,
            bytes(std::vector<float>{0, 1, 1, 0}));
  const Array codes{DType::uint8, {1, 2, 2, 1}, {0, 1, 2, 255}};
  EXPECT_EQ(read_array_file(saved({{"x", codes}}), 1).train.images, codes);
}

TEST(ArrayFile, ImagesThatAreNoNumbersAreErrors) {
  for (uint32_t bits : {0x7fc00000u, 0x7f800000u, 0xff800000u}) {
    Array images{DType::float32, {2, 1, 1, 1}, Bytes(8)};
    std::memcpy(&images.data[4], &bits, sizeof bits);
    EXPECT_NE(error_of(saved({{"x", images}}), ErrorKind::invalid_input).find("x: image 1 has a"),
              std::string::npos);
  }
}

Array labels_of_shape(Shape shape, const std::vector<float>& values) {
  Array array = labels<float>(DType::float32, values);
  array.shape = std::move(shape);
  return array;
}

TEST(ArrayFile, TakesLabelsOfEveryType) {
  const auto read = [](const Array& y) {
    return read_array_file(saved({{"x_test", pixels({3, 2, 2, 1})}, {"y_test", y}}), 1);
  };
  const std::vector<int32_t> expected{1, 0, 1};
  const Array arrays[] = {labels<int8_t>(DType::int8, {1, 0, 1}),
                          labels<uint8_t>(DType::uint8, {1, 0, 1}),
                          labels<int16_t>(DType::int16, {1, 0, 1}),
                          labels<int32_t>(DType::int32, {1, 0, 1}),
                          labels<int64_t>(DType::int64, {1, 0, 1}),
                          labels<uint8_t>(DType::boolean, {1, 0, 7}),
                          labels<float>(DType::float32, {1, 0, 1}),
                          labels<uint16_t>(DType::float16, {0x3c00, 0, 0x3c00}),
                          labels_of_shape({3, 1}, {1, 0, 1}),
                          labels_of_shape({3, 1, 1}, {1, 0, 1}),
                          labels_of_shape({3, 2}, {0, 1, 1, 0, 0, 1})};
  for (const Array& y : arrays)
    EXPECT_EQ(read(y).test.labels, expected) << name_of(y.dtype) << to_string(y.shape);
  // A column that no sample has is a class all the same.
  const Dataset one_hot = read(labels_of_shape({3, 4}, {0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(one_hot.test.labels, expected);
  EXPECT_EQ(one_hot.classes(), 4);
}

TEST(ArrayFile, LabelsThatAreNoClassesSayWhatWouldDo) {
  const auto message = [](const Array& y) {
    return error_of(saved({{"x", pixels({2, 2, 2, 1})}, {"y", y}}), ErrorKind::invalid_input);
  };
  const std::pair<Array, const char*> cases[] = {
      {labels_of_shape({2}, {1, 0.5f}), "y: label 0.5 of sample 1 is no whole number"},
      {labels_of_shape({2}, {NAN, 0}), "label nan of sample 0 is no whole number"},
      {labels_of_shape({2}, {INFINITY, 0}), "label inf of sample 0 is outside"},
      {labels_of_shape({2, 2}, {1, 0, 1, 1}), "those of sample 1 are not one-hot"},
      {labels_of_shape({2, 2}, {0, 0, 1, 0}), "those of sample 0 are not one-hot"},
      {labels_of_shape({2, 2}, {0.9f, 0.1f, 1, 0}), "np.argmax(y, axis=1)"},
      {labels_of_shape({2, 1, 2}, {1, 0, 1, 0}), "labels of shape [2, 1, 2]"},
      {labels_of_shape({}, {1}), "labels of shape []"},
      {labels<int64_t>(DType::int64, {0, INT64_MAX}), "label 9.2233720368547758e+18 of sample 1"},
  };
  for (const auto& [y, expected] : cases)
    EXPECT_NE(message(y).find(expected), std::string::npos) << message(y) << "\n" << expected;
}

TEST(ArrayFile, TakesValidationImagesWhereThereAreAny) {
  const std::map<std::string, Array> arrays{
      {"train_images", pixels({6, 2, 2, 1})},
      {"train_labels", labels_of_shape({6, 1}, {0, 1, 2, 0, 1, 2})},
      {"val_images", pixels({2, 2, 2, 1})},
      {"val_labels", labels_of_shape({2, 1}, {3, 1})},
      {"test_images", pixels({1, 2, 2, 1})},
      {"test_labels", labels_of_shape({1, 1}, {2})}};
  const Dataset data = load(saved(arrays), {.seed = 1, .validation_fraction = 0.5});
  EXPECT_EQ(data.train.labels, (std::vector<int32_t>{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(data.validation.labels, (std::vector<int32_t>{3, 1}));
  EXPECT_EQ(data.test.labels, (std::vector<int32_t>{2}));
  EXPECT_EQ(data.classes(), 4);
}

TEST(ArrayFile, TestImagesBesideAPieceAreNotReplacedByACutOfIt) {
  const Dataset data =
      read_array_file(saved({{"x", pixels({10, 2, 2, 1})},
                             {"y", labels<int32_t>(DType::int32, std::vector<int32_t>(10))},
                             {"x_test", pixels({1, 2, 2, 1})},
                             {"y_test", labels<int32_t>(DType::int32, {1})}}),
                      1);
  EXPECT_EQ(data.train.count(), 10);
  EXPECT_EQ(data.test.labels, std::vector<int32_t>{1});
}

Bytes text(std::string_view bytes) {
  return Bytes(bytes.begin(), bytes.end());
}

TEST(ArrayFile, MembersThatMeanNothingAreNotRead) {
  const std::string path = temp_path("beside.npz");
  const std::map<std::string, Bytes> members{
      {"x_test.npy", print_npy(pixels({2, 2, 2, 1}))},
      {"y_test.npy", print_npy(labels_of_shape({2}, {0, 1}))},
      {"class_names.npy", text("\x93NUMPY nonsense")},
      {"README", text("hello")}};
  write_zip(path, members);
  EXPECT_EQ(read_array_file(path, 1).test.labels, (std::vector<int32_t>{0, 1}));
  std::map<std::string, Bytes> objects = members;
  const std::string header = "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }\n";
  objects["y_test.npy"] = text(std::string("\x93NUMPY\x01\0", 8) +
                               static_cast<char>(header.size()) + '\0' + header + "\x80\x04.");
  write_zip(path, objects);
  const std::string message = error_of(path, ErrorKind::unsupported);
  EXPECT_NE(message.find("member 'y_test.npy': offset 24: Python objects (save one array of"),
            std::string::npos)
      << message;
}

TEST(ArrayFile, NamesMayBeInCapitals) {
  const std::map<std::string, Array> arrays{{"X_test", pixels({2, 2, 2, 1})},
                                            {"Y_test", labels_of_shape({2}, {0, 1})}};
  for (const char* name : {"A.NPZ", "a.Npz"}) {
    write_npz(temp_path(name), arrays);
    EXPECT_EQ(load(temp_path(name)).test.labels, (std::vector<int32_t>{0, 1}));
  }
  write_npy(temp_path("A.NPY"), pixels({4, 2, 2, 1}));
  EXPECT_EQ(load(temp_path("A.NPY"), {.validation_fraction = 0}).train.count(), 4);
}

TEST(PathsByKey, TakesCommasThatNoKeyFollowsForThePath) {
  using Paths = std::map<std::string, std::string>;
  EXPECT_EQ(paths_by_key("images=a,labels=b"), (Paths{{"images", "a"}, {"labels", "b"}}));
  EXPECT_EQ(paths_by_key("x_test=a,b,c=d,y_test=e=f"),
            (Paths{{"x_test", "a,b,c=d"}, {"y_test", "e=f"}}));
  for (const char* other : {"", "images", "mnist", "a.npz,labels=b", "size=3,images=a", "=a"})
    EXPECT_TRUE(paths_by_key(other).empty()) << other;
  EXPECT_THROW(paths_by_key("images=a,images=b"), Error);
  EXPECT_EQ(text_of({{"images", "a,b"}, {"labels", "c"}}), "images=a,b,labels=c");
}

// Two images of 1 x 2 pixels.
const Bytes kIdxImages{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40};
const Bytes kIdxLabels{0, 0, 8, 1, 0, 0, 0, 2, 3, 1};

TEST(Load, TakesIdxAndNumPyFilesByKey) {
  const std::string images = temp_path("some, images"), labels_gz = temp_path("labels.gz"),
                    images_npy = temp_path("images.npy");
  write_file(images, kIdxImages);
  write_file(labels_gz, gzip(kIdxLabels));
  write_npy(images_npy, {DType::uint8, {2, 1, 2, 1}, {10, 20, 30, 40}});
  for (const std::string& path : {images, images_npy}) {
    const Dataset data = load("test_images=" + path + ",test_labels=" + labels_gz);
    EXPECT_EQ(data.test.images, (Array{DType::uint8, {2, 1, 2, 1}, {10, 20, 30, 40}}));
    EXPECT_EQ(data.test.labels, (std::vector<int32_t>{3, 1}));
    EXPECT_EQ(data.classes(), 4);
  }
  const LoadOptions uncut{.seed = 1, .validation_fraction = 0};
  EXPECT_EQ(load("images=" + images, uncut).train.count(), 2);
  const auto message = [](const std::string& source, ErrorKind kind) -> std::string {
    try {
      load(source);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, kind) << error.what();
      return error.what();
    }
    return "accepted";
  };
  EXPECT_NE(message("images=" + images + ",labels=/nowhere/y", ErrorKind::invalid_input)
                .find("/nowhere/y"),
            std::string::npos);
  EXPECT_NE(
      message("labels=" + labels_gz, ErrorKind::invalid_input).find("no images among [labels]"),
      std::string::npos);
  EXPECT_NE(message(images, ErrorKind::usage).find("images=PATH,labels=PATH"), std::string::npos);
}

TEST(Load, TakesAFolderOfIdxFiles) {
  const std::string folder = temp_path("own_mnist");
  std::filesystem::create_directories(folder);
  write_file(folder + "/train-images-idx3-ubyte", kIdxImages);
  write_file(folder + "/train-labels.idx1-ubyte", kIdxLabels);  // as some archives have it
  write_file(folder + "/t10k-images-idx3-ubyte.gz", gzip(kIdxImages));
  write_file(folder + "/t10k-labels-idx1-ubyte", kIdxLabels);
  const Dataset data = load(folder, {.seed = 1, .validation_fraction = 0});
  EXPECT_EQ(data.name, folder);
  EXPECT_EQ(data.train.labels, (std::vector<int32_t>{3, 1}));
  EXPECT_EQ(data.test.images, (Array{DType::uint8, {2, 1, 2, 1}, {10, 20, 30, 40}}));
  EXPECT_EQ(data.classes(), 4);
}

TEST(Load, TakesAFolderOfCifarFiles) {
  const std::string folder = temp_path("own_cifar");
  std::filesystem::create_directories(folder);
  Bytes record(1 + 3072, 5);
  for (int i = 1; i <= 5; i++)
    write_file(folder + "/data_batch_" + std::to_string(i) + ".bin", record);
  record[0] = 9;
  write_file(folder + "/test_batch.bin", record);
  const Dataset data = load(folder, {.seed = 1, .validation_fraction = 0});
  EXPECT_EQ(data.name, folder);
  EXPECT_EQ(data.train.images.shape, (Shape{5, 32, 32, 3}));
  EXPECT_EQ(data.test.labels, std::vector<int32_t>{9});
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
