#include "datasets/cifar.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "tests/support/temp_path.h"

namespace mote::datasets {
namespace {

// `count` records whose red plane is 1, green 2, blue 3, with `labels` before each.
Bytes records(int count, const Bytes& labels) {
  Bytes bytes;
  for (int i = 0; i < count; i++) {
    bytes.insert(bytes.end(), labels.begin(), labels.end());
    for (uint8_t plane = 1; plane <= 3; plane++) bytes.insert(bytes.end(), 1024, plane);
  }
  return bytes;
}

std::string cifar10_folder() {
  const std::string folder = temp_path("cifar-10");
  std::filesystem::create_directories(folder);
  for (const char* batch : {"1", "2", "3", "4", "5"})
    write_file(folder + "/data_batch_" + batch + ".bin", records(2, {4}));
  write_file(folder + "/test_batch.bin", records(1, {9}));
  return folder;
}

TEST(Cifar, TurnsPlanesIntoPixels) {
  const Dataset dataset = read_cifar10(cifar10_folder());
  EXPECT_EQ(dataset.train.images.shape, (Shape{10, 32, 32, 3}));
  EXPECT_EQ(dataset.test.labels, (std::vector<int32_t>{9}));
  for (size_t i = 0; i < dataset.test.images.data.size(); i++)
    ASSERT_EQ(dataset.test.images.data[i], i % 3 + 1);
}

TEST(Cifar, HundredClassesTakeTheFineLabel) {
  const std::string folder = temp_path("cifar-100");
  std::filesystem::create_directories(folder);
  write_file(folder + "/train.bin", records(1, {3, 99}));
  write_file(folder + "/test.bin", records(1, {3, 42}));
  const Dataset dataset = read_cifar100(folder);
  EXPECT_EQ(dataset.train.labels.at(0), 99);
  EXPECT_EQ(dataset.test.labels.at(0), 42);
  EXPECT_EQ(dataset.classes(), 100);
}

TEST(Cifar, CutsAndForeignLabelsNameFileAndOffset) {
  const std::string folder = cifar10_folder();
  const auto message = [&](Bytes bytes) -> std::string {
    write_file(folder + "/data_batch_3.bin", bytes);
    try {
      read_cifar10(folder);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::invalid_input);
      return error.what();
    }
    return "no error";
  };
  Bytes cut = records(2, {4});
  cut.resize(5000);
  EXPECT_NE(message(cut).find("data_batch_3.bin: cut off at offset 5000"), std::string::npos);
  EXPECT_NE(message({}).find("data_batch_3.bin: cut off at offset 0"), std::string::npos);
  Bytes foreign = records(2, {4});
  foreign[3073] = 10;
  EXPECT_NE(message(foreign).find("label 10 at offset 3073"), std::string::npos);
}

}  // namespace
}  // namespace mote::datasets
