#include "datasets/dataset.h"
#include "base/zip.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "datasets/labels.h"
#include "tests/support/temp_path.h"

namespace mote::datasets {
namespace {

std::string refusal_of(const std::string& name, ErrorKind kind) {
  try {
    load(name);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, kind) << error.what();
    return error.what();
  }
  return "no error";
}

TEST(Load, CutsValidationFromTrainingOnly) {
  const Dataset whole = load("glyphs", {.seed = 1, .validation_fraction = 0});
  const Dataset parts = load("glyphs", {.seed = 1, .validation_fraction = 0.1});
  EXPECT_EQ(whole.validation.count(), 0);
  EXPECT_EQ(parts.validation.count(), 1200);
  EXPECT_EQ(parts.train.count(), 10800);
  EXPECT_EQ(parts.test.images, whole.test.images);
}

TEST(Load, UnknownNamesListTheKnownOnes) {
  const std::string message = refusal_of("fashon-mnist", ErrorKind::usage);
  EXPECT_NE(message.find("there is no data set 'fashon-mnist'"), std::string::npos);
  EXPECT_NE(message.find("glyphs, mnist, fashion-mnist, cifar-10, cifar-100"), std::string::npos);
}

TEST(Load, MissingSetsAndFoldersAndFilesSayWhy) {
  const char* before = std::getenv("MOTE_DATA_DIR");
  const std::string kept = before ? before : "";
  setenv("MOTE_DATA_DIR", "/nowhere", 1);
  setenv("XDG_CACHE_HOME", "/no-cache", 1);
  EXPECT_NE(refusal_of("mnist", ErrorKind::usage)
                .find("looked in /nowhere/mnist and /no-cache/mote/mnist"),
            std::string::npos);
  before ? setenv("MOTE_DATA_DIR", kept.c_str(), 1) : unsetenv("MOTE_DATA_DIR");
  unsetenv("XDG_CACHE_HOME");
  EXPECT_NE(refusal_of(::testing::TempDir(), ErrorKind::unsupported).find("folders of images"),
            std::string::npos);
  EXPECT_NE(refusal_of("/nowhere/x.npz", ErrorKind::invalid_input).find("/nowhere/x.npz"),
            std::string::npos);
}

TEST(List, NamesTheBuiltInSetFirst) {
  const std::vector<Info> infos = list();
  ASSERT_EQ(infos.size(), 5u);
  EXPECT_EQ(infos[0].name, "glyphs");
  EXPECT_EQ(infos[0].found, "built in");
}

TEST(ClassNames, ComeFromTheFileAndMustBeAsMany) {
  const std::string path = temp_path("class_names.txt");
  write_file(path, std::string_view("cat\r\ndog\n\n"));
  EXPECT_EQ(read_class_names(path, 2), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_THROW(read_class_names(path, 3), Error);
  EXPECT_EQ(read_class_names("/nowhere", 2), (std::vector<std::string>{"0", "1"}));
}

// ---- the real sets
// --------------------------------------------------------------------------------

struct Known {
  std::string name;
  Shape train, test;
  std::vector<int32_t> first_train, first_test;
  uint32_t train_crc, test_crc;  // of the images
  std::map<int32_t, std::string> class_names;
};

// Counts and first labels as their authors publish them; the images' CRCs were computed without our
// code.
const Known kKnown[] = {
    {"mnist",
     {60000, 28, 28, 1},
     {10000, 28, 28, 1},
     {5, 0, 4, 1, 9, 2, 1, 3},
     {7, 2, 1, 0, 4, 1, 4, 9},
     4083391318u,
     3838467927u,
     {{3, "3"}}},
    {"fashion-mnist",
     {60000, 28, 28, 1},
     {10000, 28, 28, 1},
     {9, 0, 0, 3, 0, 2, 7, 2},
     {9, 2, 1, 1, 6, 1, 4, 6},
     2925911245u,
     309494841u,
     {{9, "Ankle boot"}}},
    {"cifar-10",
     {50000, 32, 32, 3},
     {10000, 32, 32, 3},
     {6, 9, 9, 4, 1, 1, 2, 7},
     {3, 8, 8, 0, 6, 6, 1, 6},
     1745525984u,
     2940736757u,
     {{3, "cat"}}},
    {"cifar-100",
     {50000, 32, 32, 3},
     {10000, 32, 32, 3},
     {19, 29, 0, 11, 1, 86, 90, 28},
     {49, 33, 72, 51, 71, 92, 15, 14},
     3407399665u,
     2139109040u,
     {{19, "cattle"}}},
};

std::ostream& operator<<(std::ostream& out, const Known& known) {
  return out << known.name;
}

class RealData : public ::testing::TestWithParam<Known> {};

TEST_P(RealData, HasTheKnownContent) {
  if (!std::getenv("MOTE_DATA_DIR")) GTEST_SKIP() << "MOTE_DATA_DIR is not set";
  const Known& known = GetParam();
  const Dataset dataset = load(known.name, {.validation_fraction = 0});
  EXPECT_EQ(dataset.train.images.shape, known.train);
  EXPECT_EQ(dataset.test.images.shape, known.test);
  const auto first = [](const Split& split) {
    return std::vector<int32_t>(split.labels.begin(), split.labels.begin() + 8);
  };
  EXPECT_EQ(first(dataset.train), known.first_train);
  EXPECT_EQ(first(dataset.test), known.first_test);
  EXPECT_EQ(crc32_of(dataset.train.images.data), known.train_crc);
  EXPECT_EQ(crc32_of(dataset.test.images.data), known.test_crc);
  for (const auto& [label, name] : known.class_names)
    EXPECT_EQ(dataset.class_names.at(static_cast<size_t>(label)), name);
}

std::string test_name(const ::testing::TestParamInfo<Known>& info) {
  std::string name = info.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, RealData, ::testing::ValuesIn(kKnown), test_name);

TEST(SplitOf, NamesTheThreeSplitsAndRefusesOthersAndEmptyOnes) {
  const Split one{{DType::uint8, {1, 1, 1, 1}, Bytes(1)}, {0}};
  const Dataset data{"d", one, {}, one, {"cat"}, false};
  EXPECT_EQ(&split_of(data, "train"), &data.train);
  EXPECT_EQ(&split_of(data, "test"), &data.test);
  EXPECT_THROW(split_of(data, "validation"), Error);
  EXPECT_THROW(split_of(data, "all"), Error);
  EXPECT_EQ(&test_or_train(data), &data.test);
  const Dataset untested{"d", one, {}, {}, {"cat"}, false};
  EXPECT_EQ(&test_or_train(untested), &untested.train);
  EXPECT_EQ(class_name(data.class_names, 0), "cat");
  EXPECT_EQ(class_name(data.class_names, 1), "1");
}

}  // namespace
}  // namespace mote::datasets
