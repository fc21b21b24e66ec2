#include "compress/train/train.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "autograd/network.h"
#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "evaluate/engine.h"
#include "evaluate/evaluate.h"
#include "ir/mote_file.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

// 8x8 images of noise in which one quadrant is brighter: its number is the class.
datasets::Split quadrants(int32_t count, uint64_t seed) {
  Random random(seed, "quadrants");
  datasets::Split split;
  split.images = {DType::uint8, {count, 8, 8, 1}, {}};
  for (int32_t i = 0; i < count; i++) {
    const auto label = static_cast<int32_t>(random.below(4));
    split.labels.push_back(label);
    for (int32_t y = 0; y < 8; y++)
      for (int32_t x = 0; x < 8; x++) {
        const uint64_t bright = y / 4 * 2 + x / 4 == label ? 90 : 0;
        split.images.data.push_back(static_cast<uint8_t>(random.below(150) + bright));
      }
  }
  return split;
}

datasets::Dataset quadrants() {
  return {"quadrants",       quadrants(600, 1),        quadrants(100, 2),
          quadrants(200, 3), {"nw", "ne", "sw", "se"}, true};
}

Graph trained_network() {
  return zoo::build("custom?width=0.25", {.input = {8, 8, 1}, .classes = 4, .seed = 1});
}

TrainOptions short_training() {
  return {.epochs = 6, .batch = 32, .learning_rate = 0.1f, .crop = 1, .ema_decay = 0.95f};
}

class Training : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = ::testing::TempDir() + "mote_" + test->name() + ".checkpoint.mote";
    std::filesystem::remove(path_);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  // Trains until `epoch` has begun, then goes as if it were killed.
  void interrupt(int32_t epoch) {
    struct Killed {};
    const auto kill = [&](const TrainProgress& progress) {
      if (progress.epoch == epoch && progress.step == 3) throw Killed();
    };
    EXPECT_THROW(train(trained_network(), data_, options_, {path_, true}, kill), Killed);
  }

  const datasets::Dataset data_ = quadrants();
  TrainOptions options_ = short_training();
  std::string path_;
};

TEST_F(Training, LearnsATaskInSeconds) {
  const TrainResult result = train(trained_network(), data_, short_training());
  verify(result.graph, Level::imported);
  EXPECT_GT(result.top1, 0.97);
  EXPECT_EQ(result.options.epochs, 6);
  EXPECT_NE(result.options.bf16, Bf16::automatic);
  ASSERT_EQ(result.history.size(), 6u);
  EXPECT_LT(result.history.back().loss, result.history.front().loss);
  EXPECT_GT(result.history.back().validation_top1, 0.97);
  EXPECT_EQ(result.graph.labels, data_.class_names);
  EXPECT_EQ(result.graph.preprocessing, trained_network().preprocessing);
}

TEST_F(Training, SeedAndThreadsDecideEveryByte) {
  TrainOptions options = short_training();
  options.epochs = 2;
  const Graph once = train(trained_network(), data_, options).graph;
  EXPECT_EQ(train(trained_network(), data_, options).graph, once);
  options.seed = 2;
  EXPECT_NE(train(trained_network(), data_, options).graph, once);
}

TEST_F(Training, ResumesToTheSameBytes) {
  const TrainResult whole = train(trained_network(), data_, short_training());
  interrupt(1);  // before there is a checkpoint
  EXPECT_FALSE(std::filesystem::exists(path_));
  interrupt(3);
  EXPECT_TRUE(std::filesystem::exists(path_));
  interrupt(5);
  const TrainResult resumed = train(trained_network(), data_, short_training(), {path_, true});
  EXPECT_EQ(resumed.graph, whole.graph);
  EXPECT_EQ(resumed.top1, whole.top1);
  ASSERT_EQ(resumed.history.size(), whole.history.size());
  for (size_t i = 0; i < whole.history.size(); i++) {
    EXPECT_EQ(resumed.history[i].loss, whole.history[i].loss);
    EXPECT_EQ(resumed.history[i].validation_top1, whole.history[i].validation_top1);
  }
}

TEST_F(Training, LearnsAndResumesWithEveryChoice) {
  options_.optimizer = Optimizer::adamw;
  options_.learning_rate = 0.01f;
  options_.schedule = Schedule::cosine;
  options_.cutout = 2;
  options_.label_smoothing = 0.1f;
  const TrainResult whole = train(trained_network(), data_, options_);
  EXPECT_GT(whole.top1, 0.97);
  interrupt(4);
  EXPECT_EQ(train(trained_network(), data_, options_, {path_, true}).graph, whole.graph);
}

// A teacher that has learned, and a network that never sees a label.
TEST_F(Training, LearnsFromATeacherAlone) {
  const Graph teacher = train(trained_network(), data_, short_training()).graph;
  datasets::Dataset unlabelled = data_;
  unlabelled.train.labels.clear();
  TrainOptions options = short_training();
  EXPECT_THROW(train(trained_network(), unlabelled, options), Error);
  options.distillation = 1;
  EXPECT_THROW(train(trained_network(), unlabelled, options), Error);
  const Graph student =
      zoo::build("custom?width=0.25", {.input = {8, 8, 1}, .classes = 4, .seed = 2});
  const TrainResult result = train(student, unlabelled, options, {}, {}, {.teacher = &teacher});
  EXPECT_GT(result.top1, 0.97);
  options.distillation = 0.5f;
  EXPECT_GT(train(student, data_, options, {}, {}, {.teacher = &teacher}).top1, 0.97);
}

// Half of the first layer goes in the third epoch of six.
TEST_F(Training, ObeysMasksThatGrowAndResumesWithThem) {
  std::vector<double> dones;
  const Guidance guidance{
      .teacher = nullptr, .prune = [&](Graph& graph, std::span<const float> g, double done) {
        dones.push_back(done);
        EXPECT_EQ(g.size(), autograd::parameters_of(graph).trainable);
        if (done < 0.5) return;
        Value& value = graph.value(graph.nodes[0].inputs[1]);
        std::vector<float> data = float_data(value);
        Bytes mask(data.size(), 1);
        for (size_t i = 0; i < data.size(); i += 2) data[i] = mask[i] = 0;
        value.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(data)));
        value.mask = std::make_shared<const Bytes>(mask);
      }};
  const TrainResult whole = train(trained_network(), data_, options_, {}, {}, guidance);
  verify(whole.graph, Level::imported);
  const Value& pruned = whole.graph.value(whole.graph.nodes[0].inputs[1]);
  ASSERT_NE(pruned.mask, nullptr);
  EXPECT_EQ(std::ranges::count(*pruned.mask, 0), std::ssize(*pruned.mask) / 2);
  EXPECT_GT(whole.top1, 0.9);
  // Four updates in each of six epochs; the last quarter recovers.
  ASSERT_EQ(dones.size(), 18u);
  EXPECT_DOUBLE_EQ(dones.front(), 1.0 / 18);
  EXPECT_DOUBLE_EQ(dones.back(), 1);

  struct Killed {};
  for (const int32_t epoch : {2, 4, 6}) {
    const auto kill = [&](const TrainProgress& p) {
      if (p.epoch == epoch && p.step == 3) throw Killed();
    };
    EXPECT_THROW(train(trained_network(), data_, options_, {path_, true}, kill, guidance), Killed);
  }
  EXPECT_EQ(train(trained_network(), data_, options_, {path_, true}, {}, guidance).graph,
            whole.graph);
}

TEST_F(Training, ACheckpointOfOtherOptionsIsRefused) {
  interrupt(2);
  const auto expect_refused = [&](const std::string& name, const TrainOptions& options) {
    try {
      train(trained_network(), data_, options, {path_, true});
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::usage);
      EXPECT_NE(error.message.find(name), std::string::npos) << error.what();
    }
  };
  TrainOptions options = short_training();
  options.weight_decay = 1e-3f;
  expect_refused("weight_decay", options);
  options = short_training();
  options.cutout = 2;
  expect_refused("cutout", options);
  options = short_training();
  options.optimizer = Optimizer::adamw;
  expect_refused("optimizer = sgd", options);
}

TEST_F(Training, ACheckpointOfBeforeAnOptionIsTakenUp) {
  const TrainResult whole = train(trained_network(), data_, options_);
  interrupt(3);
  MoteFile file = read_mote_file(path_);
  Bytes& options = file.extra.at("training/options.txt");
  std::string text(options.begin(), options.end());
  for (const std::string line : {"cutout = 0\n", "optimizer = sgd\n"}) {
    ASSERT_NE(text.find(line), std::string::npos);
    text.erase(text.find(line), line.size());
  }
  options.assign(text.begin(), text.end());
  write_mote_file(path_, file.graph, file.extra);
  TrainOptions other = options_;
  other.cutout = 2;
  EXPECT_THROW(train(trained_network(), data_, other, {path_, true}), Error);
  EXPECT_EQ(train(trained_network(), data_, options_, {path_, true}).graph, whole.graph);
}

TEST_F(Training, ADamagedCheckpointIsRefused) {
  interrupt(2);
  const Bytes whole = read_file(path_);
  for (size_t part : {size_t{0}, size_t{10}, whole.size() / 2, whole.size() - 1}) {
    write_file(path_, std::span(whole).first(part));
    try {
      train(trained_network(), data_, short_training(), {path_, true});
      ADD_FAILURE() << part;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::invalid_input) << error.what();
    }
  }
}

TEST_F(Training, CountsDownToTheEnd) {
  double last_eta = -1;
  int32_t calls = 0;
  TrainOptions options = short_training();
  options.epochs = 2;
  train(trained_network(), data_, options, {}, [&](const TrainProgress& progress) {
    calls++;
    last_eta = progress.eta_seconds;
    EXPECT_EQ(progress.steps, 600 / 32);
    EXPECT_LE(progress.step, progress.steps);
    EXPECT_GE(progress.eta_seconds, 0);
  });
  EXPECT_EQ(calls, 2 * (600 / 32 + 1));
  EXPECT_EQ(last_eta, 0);
}

TEST_F(Training, RefusesWhatDoesNotGoTogether) {
  const auto kind_of = [&](const Graph& graph, const TrainOptions& options) {
    try {
      train(graph, data_, options);
    } catch (const Error& error) {
      return error.kind;
    }
    return ErrorKind::internal;
  };
  EXPECT_EQ(kind_of(zoo::build("custom"), short_training()), ErrorKind::usage);
  EXPECT_EQ(kind_of(zoo::build("custom", {.input = {8, 8, 1}, .classes = 3}), short_training()),
            ErrorKind::usage);
  EXPECT_EQ(kind_of(trained_network(), {.epochs = 0}), ErrorKind::usage);
  EXPECT_EQ(kind_of(trained_network(), {.batch = 1}), ErrorKind::usage);
  EXPECT_EQ(kind_of(trained_network(), {.epochs = 1, .learning_rate = 1e30f}), ErrorKind::usage);
}

// Class 1 where the right half is brighter.
TEST_F(Training, LearnsTwoClassesInOneOutput) {
  datasets::Dataset data = data_;
  for (datasets::Split* split : {&data.train, &data.validation, &data.test})
    for (int32_t& label : split->labels) label %= 2;
  data.class_names = {"left", "right"};
  const Graph network =
      zoo::build("custom?width=0.25&classes=1", {.input = {8, 8, 1}, .classes = 2, .seed = 1});
  EXPECT_EQ(network.value(network.outputs[0]).type.shape, (Shape{1, 1}));
  const TrainResult result = train(network, data, short_training());
  EXPECT_GT(result.top1, 0.97);
  EXPECT_GT(result.history.back().validation_top1, 0.97);
  const auto engine = evaluate::make_engine("reference", result.graph);
  EXPECT_EQ(evaluate::evaluate(*engine, result.graph, data.test).metrics.top1, result.top1);
}

// [N, 8, 8, 2] and [N, 2, 8, 8] with the same pixels train the same bytes.
TEST_F(Training, TransposesChannelsThatComeFirst) {
  datasets::Dataset last = data_, first = data_;
  for (datasets::Dataset* data : {&last, &first})
    for (datasets::Split* split : {&data->train, &data->validation, &data->test}) {
      const Bytes grey = split->images.data;
      const int32_t count = split->count();
      split->images = {DType::uint8, {count, 8, 8, 2}, {}};
      if (data == &first) split->images.shape = {count, 2, 8, 8};
      for (size_t i = 0; i < 2 * grey.size(); i++) {
        const size_t image = i / 128, within = i % 128;
        const bool second = data == &first ? within / 64 == 1 : within % 2 == 1;
        const size_t pixel = data == &first ? within % 64 : within / 2;
        const int level = grey[image * 64 + pixel];
        split->images.data.push_back(static_cast<uint8_t>(second ? 255 - level : level));
      }
    }
  const std::string network = "zoo:custom?width=0.25&input=8x8x2";
  TrainOptions options = short_training();
  options.epochs = 1;
  const TrainResult expected = train_network(network, last, options);
  const TrainResult result = train_network(network, first, options);
  EXPECT_EQ(result.graph, expected.graph);
  EXPECT_TRUE(expected.notes.empty());
  EXPECT_EQ(result.notes.size(), 1u);
}

TEST(DefaultOptions, FollowNetworkAndData) {
  const TrainOptions custom = default_options("zoo:custom?width=0.5", "cifar-10");
  EXPECT_TRUE(custom.flip);
  EXPECT_EQ(custom.crop, 4);
  EXPECT_FALSE(default_options("custom", "mnist").flip);
  EXPECT_EQ(default_options("mobilenet_v2?width=0.5", "cifar-10").weight_decay, 4e-4f);
  EXPECT_GT(default_options("something", "new.npz").epochs, 0);
}

}  // namespace
}  // namespace mote::compress
