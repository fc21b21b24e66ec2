#include "study/study_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "tests/support/temp_path.h"

namespace mote::study {
namespace {

constexpr const char* kLists =
    "networks = [\"zoo:custom\", \"zoo:lenet5\"]\n"
    "data = [\"glyphs\"]\n"
    "recipes = [\"float32\", \"int8\"]\n"
    "devices = [\"microbit\"]\n";  // lines 1 to 4

std::string error_of(const std::string& text) {
  try {
    parse_study(text, "some/study.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    return error.what();
  }
  return "";
}

void expect_parts(const std::string& error, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(error.find(part), std::string::npos) << "'" << part << "' is not in: " << error;
}

TEST(StudyFile, ListsWhatIsToBeCombined) {
  const StudyFile study = parse_study(std::string(kLists) + "seeds = [1, 7]\n", "some/study.toml");
  ASSERT_EQ(study.networks.size(), 2u);
  EXPECT_EQ(study.networks[1].name, "lenet5");
  EXPECT_EQ(study.networks[1].source, "zoo:lenet5");
  EXPECT_EQ(study.networks[1].place, "some/study.toml:1");
  EXPECT_EQ(study.seeds, (std::vector<uint64_t>{1, 7}));
  EXPECT_EQ(study.devices[0].name, "microbit");
}

TEST(StudyFile, PathsAreRelativeToTheFileAndMayNameVariables) {
  ::setenv("MOTE_TEST_MODELS", "/models", 1);
  const StudyFile study = parse_study(
      "networks = [\"nets/a.tflite\", { name = \"b\", model = \"${MOTE_TEST_MODELS}/x.tflite\" }]\n"
      "data = [\"../own.npz\"]\nrecipes = [\"int8\"]\ndevices = [\"microbit\"]\n",
      "/some/study.toml");
  EXPECT_EQ(study.networks[0].name, "a");
  EXPECT_EQ(study.networks[0].source, "/some/nets/a.tflite");
  EXPECT_EQ(study.networks[1].name, "b");
  EXPECT_EQ(study.networks[1].source, "/models/x.tflite");
  EXPECT_EQ(study.data[0].name, "own");
  EXPECT_EQ(study.data[0].source, "/own.npz");
  ::unsetenv("MOTE_TEST_MODELS");
  expect_parts(error_of("networks = [\"${MOTE_TEST_MODELS}/x.tflite\"]\n"),
               {":1: the environment has no variable 'MOTE_TEST_MODELS'"});
}

TEST(StudyFile, DataSetsMayHaveNamesOfTheirOwn) {
  const std::string rest =
      "networks = [\"zoo:custom\"]\nrecipes = [\"int8\"]\ndevices = [\"microbit\"]\n";
  const StudyFile study = parse_study(
      "data = [{ name = \"a\", path = \"site_a/test.npz\" }, \"site_b/test.npz\",\n"
      "  { name = \"digits\", path = \"glyphs\" }]\n" +
          rest,
      "/some/study.toml");
  ASSERT_EQ(study.data.size(), 3u);
  EXPECT_EQ(study.data[0].name, "a");
  EXPECT_EQ(study.data[0].source, "/some/site_a/test.npz");
  EXPECT_EQ(study.data[1].name, "test");
  EXPECT_EQ(study.data[2].name, "digits");
  EXPECT_EQ(study.data[2].source, "glyphs");
  expect_parts(error_of("data = [{ path = \"x.npz\" }]\n" + rest),
               {":1: a data set without `name`", "{ name = \"mine\", path = \"PATH\" }"});
  expect_parts(error_of("data = [\"a/test.npz\", \"b/test.npz\"]\n" + rest),
               {":1: two of 'data' are called 'test'", "{ name = ... }"});
}

TEST(StudyFile, DataMayBeFilesByKeyAndFolders) {
  const std::string folder = temp_path("folder");
  std::filesystem::create_directories(folder);
  const StudyFile study = parse_study(
      "networks = [\"zoo:custom\"]\n"
      "data = [\"A.NPZ\", \"images=a/pictures.npy,labels=../b.idx\", \"folder\"]\n"
      "recipes = [\"int8\"]\ndevices = [\"microbit\"]\n",
      temp_path("study.toml"));
  EXPECT_EQ(study.data[0].source, temp_path("A.NPZ"));
  EXPECT_EQ(study.data[1].name, "pictures");
  EXPECT_EQ(study.data[1].source,
            "images=" + temp_path("a/pictures.npy") + ",labels=" +
                std::filesystem::path(temp_path("")).parent_path().parent_path().string() +
                "/b.idx");
  EXPECT_EQ(study.data[2].name, "folder");
  EXPECT_EQ(study.data[2].source, folder + "/");
}

TEST(StudyFile, ANetworkMaySayHowItsPixelsArePreprocessed) {
  const StudyFile study = parse_study(
      "networks = [\"zoo:lenet5\",\n{ name = \"b\", model = \"b.tflite\", preprocess = "
      "\"scale=1/255,bias=-1\" }]\n"
      "data = [\"glyphs\"]\nrecipes = [\"int8\"]\ndevices = [\"microbit\"]\n",
      "study.toml");
  EXPECT_EQ(study.networks[0].preprocess, "");
  EXPECT_EQ(study.networks[1].preprocess, "scale=1/255,bias=-1");
  expect_parts(error_of("networks = [\"zoo:lenet5\",\n{ name = \"b\", model = \"b.tflite\", "
                        "preprocess = \"mean=1\" }]\n"),
               {":2", "'mean'", "scale"});
}

TEST(StudyFile, SettingsComeFromTheFileAndThenFromOverridesThatFit) {
  const StudyFile study = parse_study(std::string(kLists) +
                                          "[train]\nepochs = 5\noptimizer = \"adamw\"\n"
                                          "learning_rate = 0.01\n"
                                          "[measure]\nsamples = 3\n"
                                          "[[override]]\nnetwork = \"zoo:lenet5\"\n"
                                          "train.epochs = 9\ntrain.flip = true\n"
                                          "[[override]]\nrecipe = [\"int8\"]\nmeasure.limit = 50\n",
                                      "study.toml");
  Settings defaults;
  defaults.train.batch = 77;
  const Settings custom = study.settings({"custom", "glyphs", 1, "float32", "microbit"}, defaults);
  EXPECT_EQ(custom.train.epochs, 5);
  EXPECT_EQ(custom.train.optimizer, compress::Optimizer::adamw);
  EXPECT_EQ(custom.train.learning_rate, 0.01f);
  EXPECT_EQ(custom.train.batch, 77);
  EXPECT_EQ(custom.samples, 3);
  EXPECT_EQ(custom.limit, 0);
  const Settings lenet = study.settings({"lenet5", "glyphs", 1, "int8", "microbit"}, defaults);
  EXPECT_EQ(lenet.train.epochs, 9);
  EXPECT_TRUE(lenet.train.flip);
  EXPECT_EQ(lenet.train.learning_rate, 0.01f);
  EXPECT_EQ(lenet.limit, 50);
}

TEST(StudyFile, ExcludesWhatFitsEveryKey) {
  const StudyFile study = parse_study(
      std::string(kLists) + "[[exclude]]\nnetwork = \"lenet5\"\nrecipe = \"int8\"\n", "s.toml");
  EXPECT_TRUE(study.excluded({"lenet5", "glyphs", 1, "int8", "microbit"}));
  EXPECT_FALSE(study.excluded({"lenet5", "glyphs", 1, "float32", "microbit"}));
  EXPECT_FALSE(study.excluded({"custom", "glyphs", 1, "int8", "microbit"}));
}

TEST(StudyFile, ErrorsNameFileLineKeyAndWhatIsAllowed) {
  const std::string lists = kLists;
  const struct {
    std::string text;
    std::vector<std::string> parts;
  } cases[] = {
      {"networks = ", {"some/study.toml:1"}},
      {"data = [\"glyphs\"]\n", {"no `networks`"}},
      {"networks = \"zoo:custom\"\n", {":1: 'networks' must be a list"}},
      {"networks = []\n", {":1", "at least one"}},
      {"networks = [3]\n", {":1: a network must be a string"}},
      {"networks = [{ name = \"x\" }]\n", {":1: a network without `model`"}},
      {"networks = [\"zoo:custom\",\n\"zoo:custom\"]\n", {":2: two of 'networks'", "custom"}},
      {"networks = [\"zoo:custom\"]\ndata = [\"glifs\"]\n", {":2", "'glifs'", "cifar-10"}},
      {"networks = [\"zoo:custom\"]\ndata = [\"glyphs\"]\nrecipes = [\"int9\"]\n",
       {":3", "int9", "int16x8"}},
      {"networks = [\"zoo:custom\"]\ndata = [\"glyphs\"]\nrecipes = [\"int8\"]\n"
       "devices = [\"host\"]\n",
       {":4", "this machine"}},
      {lists + "epochs = 3\n", {":5: unknown key 'epochs'", "seeds"}},
      {lists + "seeds = [1, 1]\n", {":5: the same seed twice"}},
      {lists + "seeds = [-1]\n", {":5: a seed"}},
      {lists + "train = 3\n", {":5: 'train' must be a table"}},
      {lists + "[train]\nepoch = 3\n",
       {":6: unknown key 'epoch'", "epochs", "validation_fraction"}},
      {lists + "[train]\nseed = 3\n", {":6: unknown key 'seed'"}},
      {lists + "[train]\nepochs = 0\n", {":6: epochs is 0", "from 1"}},
      {lists + "[train]\nepochs = \"many\"\n", {":6: 'epochs'"}},
      {lists + "[train]\nflip = 1\n", {":6: 'flip' must be true or false"}},
      {lists + "[train]\noptimizer = \"adam\"\n", {":6: unknown optimizer 'adam'", "adamw, sgd"}},
      {lists + "[measure]\nsamples = 0\n", {":6: 'samples' must be an integer from 1 to"}},
      {lists + "[measure]\nsample = 1\n", {":6: unknown key 'sample'", "limit, samples"}},
      {lists + "[override]\ntrain.epochs = 3\n", {":5: `override` must be tables", "[[override]]"}},
      {lists + "[[override]]\nnetwork = \"custom\"\n", {":5: an override of nothing"}},
      {lists + "[[override]]\nnetwork = \"vgg\"\n",
       {":6: the study has no network 'vgg'", "lenet5"}},
      {lists + "[[exclude]]\nseed = 4\n", {":6: the study has no seed 4", "allowed: 1"}},
      {lists + "[[exclude]]\ntrain.epochs = 4\n", {":6: unknown key 'train'", "device"}},
  };
  for (const auto& [text, parts] : cases) expect_parts(error_of(text), parts);
}

}  // namespace
}  // namespace mote::study
