// The public API, held against the layers that it stands for. Examples of its use are in examples/.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <mote/mote.h>

#include "base/random.h"
#include "compress/compress.h"
#include "datasets/dataset.h"
#include "evaluate/arrays.h"
#include "evaluate/evaluate.h"
#include "evaluate/inspection.h"
#include "formats/model_file.h"
#include "ir/node.h"
#include "passes/pipeline.h"
#include "tests/support/emulator.h"
#include "tests/support/temp_path.h"
#include "zoo/zoo.h"

namespace mote {
namespace {

constexpr const char* kNetwork = "zoo:custom?width=0.2&input=12x12x1&classes=2";

// Bright images are of class 1, dark ones of class 0.
Samples make_samples(int32_t count, uint64_t seed) {
  Random random(seed);
  std::vector<uint8_t> pixels;
  Samples samples;
  for (int32_t i = 0; i < count; i++) {
    samples.labels.push_back(i % 2);
    for (int32_t p = 0; p < 144; p++)
      pixels.push_back(static_cast<uint8_t>(i % 2 * 128 + static_cast<int32_t>(random.below(128))));
  }
  samples.images = Tensor::of({count, 12, 12}, pixels);
  return samples;
}

Dataset make_data() {
  return make_dataset("brightness", {.train = make_samples(200, 1),
                                     .test = make_samples(60, 2),
                                     .class_names = {"dark", "bright"}});
}

Model int8_model() {
  return open(kNetwork).compress(make_data(), "int8");
}

template <class F>
ErrorKind kind_of(const F& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_FALSE(error.message.empty());
    return error.kind;
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::internal;
}

TEST(TensorOf, KeepsTheElementsAndTheirType) {
  const std::vector<int16_t> elements{-300, 0, 300, 7};
  const Tensor tensor = Tensor::of({2, 2}, elements);
  EXPECT_EQ(tensor.type, "int16");
  EXPECT_EQ(tensor.data.size(), 8u);
  EXPECT_EQ(tensor.as<int16_t>(), elements);
  EXPECT_EQ(kind_of([&] { tensor.as<float>(); }), ErrorKind::usage);
  for (const std::string type : {type_name<float>(), type_name<int8_t>(), type_name<uint8_t>(),
                                 type_name<int16_t>(), type_name<int32_t>(), type_name<int64_t>()})
    EXPECT_TRUE(parse_dtype(type)) << type;
}

TEST(MakeDataset, CutsWhatIsNotGiven) {
  const Dataset given = make_data();
  EXPECT_EQ(given.samples("train").labels.size(), 190u);
  EXPECT_EQ(given.samples("validation").labels.size(), 10u);
  EXPECT_EQ(given.samples("test").labels, make_samples(60, 2).labels);
  EXPECT_EQ(given.samples("test").images.shape, (std::vector<int32_t>{60, 12, 12, 1}));
  EXPECT_EQ(given.class_names(), (std::vector<std::string>{"dark", "bright"}));
  EXPECT_FALSE(given.synthetic());
  const Dataset cut = make_dataset("b", {.train = make_samples(50, 1)}, {.validation_fraction = 0});
  EXPECT_EQ(cut.samples("train").labels.size(), 40u);
  EXPECT_EQ(cut.samples("test").labels.size(), 10u);
  EXPECT_EQ(cut.class_names(), (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(kind_of([&] { cut.samples("validation"); }), ErrorKind::usage);
}

TEST(MakeDataset, SaysWhatIsWrongWithTheArrays) {
  const auto kind_for = [](const auto& change) {
    ArrayData data{.train = make_samples(10, 1)};
    change(data);
    return kind_of([&] { make_dataset("b", data); });
  };
  EXPECT_EQ(kind_for([](ArrayData& d) { d.train.labels.pop_back(); }), ErrorKind::invalid_input);
  EXPECT_EQ(kind_for([](ArrayData& d) { d.train.labels[0] = -1; }), ErrorKind::invalid_input);
  EXPECT_EQ(kind_for([](ArrayData& d) { d.train.images.data.pop_back(); }), ErrorKind::usage);
  EXPECT_EQ(kind_for([](ArrayData& d) { d.train.images.shape[1] = -12; }), ErrorKind::usage);
  EXPECT_EQ(kind_for([](ArrayData& d) { d.train.images.type = "pixels"; }), ErrorKind::usage);
  EXPECT_EQ(kind_for([](ArrayData& d) { d.class_names = {"dark"}; }), ErrorKind::usage);
  EXPECT_EQ(kind_of([] { load_dataset("glyphs", {.validation_fraction = 1}); }), ErrorKind::usage);
}

TEST(Open, TakesWhatTheProgramTakes) {
  const Model model = open(kNetwork, 3);
  EXPECT_EQ(model.graph(),
            zoo::build("custom?width=0.2", {.input = {12, 12, 1}, .classes = 2, .seed = 3}));
  EXPECT_EQ(model.name(), "custom");
  EXPECT_EQ(kind_of([] { open("/nowhere/m.tflite"); }), ErrorKind::invalid_input);
  EXPECT_EQ(kind_of([] { open("zoo:nothing"); }), ErrorKind::usage);
}

TEST(ModelFacts, AreThoseOfTheGraph) {
  const Model model = int8_model();
  ASSERT_EQ(model.inputs().size(), 1u);
  EXPECT_EQ(model.inputs()[0].type, "int8");
  EXPECT_EQ(model.inputs()[0].shape, (std::vector<int32_t>{1, 12, 12, 1}));
  EXPECT_EQ(model.inputs()[0].scale, 1);
  EXPECT_EQ(model.inputs()[0].zero_point, -128);
  EXPECT_EQ(open(kNetwork).outputs().at(0).scale, 0);
  const Inspection inspection = model.inspect();
  const evaluate::Inspection expected = evaluate::inspect(model.graph());
  EXPECT_EQ(inspection.macs, expected.macs);
  EXPECT_EQ(inspection.constant_bytes, expected.constant_bytes);
  EXPECT_EQ(inspection.peak_ram_bytes, expected.plan.peak_bytes);
  EXPECT_EQ(inspection.layers.size(), model.graph().nodes.size());
  EXPECT_GE(inspection.peak_ram_bytes, inspection.ram_lower_bound_bytes);
}

TEST(Compress, IsTheRecipeOnTrainingImages) {
  const Dataset data = make_data();
  const Model model = open(kNetwork);
  const Model small = model.compress(data, "int8", {.seed = 4});
  EXPECT_EQ(small.graph(), compress::compress(model.graph(), compress::load_recipe("int8"),
                                              data.content().train, {.seed = 4}));
  EXPECT_EQ(kind_of([&] { small.compress(data, "int8"); }), ErrorKind::unsupported);
  EXPECT_EQ(kind_of([&] { model.compress(data, "int9"); }), ErrorKind::usage);
}

TEST(Compress, WithoutDataIsForRecipesThatDoNotCalibrate) {
  const Model model = open(kNetwork);
  EXPECT_EQ(model.compress("float16").graph(), model.compress(make_data(), "float16").graph());
  EXPECT_EQ(kind_of([&] { model.compress("int8"); }), ErrorKind::usage);
}

TEST(Preprocessing, IsSetReadAndKept) {
  const Model model = open(kNetwork);
  const std::string own = "scale=0.5,bias=-1";
  const Model other = model.with_preprocessing(own);
  EXPECT_EQ(other.graph().preprocessing, (std::vector<Preprocessing>{{{0.5f}, {-1.0f}}}));
  const Tensor pixel = Tensor::of({1, 12, 12, 1}, std::vector<uint8_t>(144, 10));
  EXPECT_EQ(other.encode(pixel).as<float>()[0], 4.0f);
  EXPECT_EQ(other.compress("float16").graph().preprocessing, other.graph().preprocessing);
  EXPECT_EQ(kind_of([&] { model.with_preprocessing("scale=1,2"); }), ErrorKind::usage);
  EXPECT_EQ(kind_of([&] { model.with_preprocessing("mean=0"); }), ErrorKind::usage);
  const Model trained =
      train("zoo:custom?width=0.2", make_data(), {.epochs = 1, .batch = 32, .preprocess = own});
  EXPECT_EQ(trained.graph().preprocessing, other.graph().preprocessing);
}

TEST(Optimize, GivesTheModelThatIsDeployed) {
  const Model model = open(kNetwork);
  EXPECT_EQ(model.optimize().graph(), passes::optimized(model.graph()));
  EXPECT_LT(model.optimize().graph().nodes.size(), model.graph().nodes.size());
}

TEST(Save, WritesWhatOpenReads) {
  const Model model = int8_model();
  for (const char* name : {"m.tflite", "m.mote"}) {
    const std::string path = temp_path(name);
    model.save(path);
    EXPECT_EQ(open(path).evaluate(make_data()).predictions,
              model.evaluate(make_data()).predictions);
  }
  EXPECT_EQ(kind_of([&] { model.save(temp_path("m.h5")); }), ErrorKind::usage);
  EXPECT_EQ(kind_of([&] { model.save("/nowhere/m.mote"); }), ErrorKind::usage);
}

TEST(Evaluate, GivesTheFiguresOfTheLayerBelow) {
  const Dataset data = make_data();
  const Model model = int8_model();
  const auto engine = evaluate::make_engine("reference", model.graph());
  const evaluate::Evaluation expected =
      evaluate::evaluate(*engine, model.graph(), data.content().test, 50);
  const Evaluation evaluation = model.evaluate(data, {.limit = 50});
  EXPECT_EQ(evaluation.samples, 50);
  EXPECT_EQ(evaluation.predictions, expected.predictions);
  EXPECT_EQ(evaluation.top1, expected.metrics.top1);
  EXPECT_EQ(evaluation.top1_low, expected.metrics.top1_interval.low);
  EXPECT_EQ(evaluation.top1_high, expected.metrics.top1_interval.high);
  EXPECT_EQ(evaluation.macro_precision, expected.metrics.macro_precision);
  EXPECT_EQ(evaluation.macro_recall, expected.metrics.macro_recall);
  EXPECT_EQ(evaluation.macro_f1, expected.metrics.macro_f1);
  ASSERT_EQ(evaluation.per_class.size(), 2u);
  EXPECT_EQ(evaluation.per_class[1].name, "bright");
  EXPECT_EQ(evaluation.per_class[1].samples, 25);
  EXPECT_EQ(evaluation.per_class[1].recall, expected.metrics.per_class[1].recall);
  EXPECT_GT(evaluation.seconds, 0);
  EXPECT_TRUE(evaluation.notes.empty());
  EXPECT_EQ(model.evaluate(data, {.split = "train"}).samples, 190);
  EXPECT_EQ(kind_of([&] { model.evaluate(data, {.split = "all"}); }), ErrorKind::usage);
  EXPECT_EQ(kind_of([&] { model.evaluate(data, {.engine = "warp"}); }), ErrorKind::usage);
}

TEST(Progress, HearsOfEverythingAndMayEndIt) {
  const Dataset data = make_data();
  double done = 0, total = 0;
  const Progress note = [&](double d, double t) {
    EXPECT_GT(d, done);
    done = d;
    total = t;
  };
  open(kNetwork).evaluate(data, {.progress = note});
  EXPECT_EQ(done, 60);
  EXPECT_EQ(total, 60);
  const Progress stop = [](double, double) { throw std::domain_error("enough"); };
  EXPECT_THROW(open(kNetwork).evaluate(data, {.progress = stop}), std::domain_error);
  EXPECT_THROW(train(kNetwork, data, {.epochs = 1, .batch = 32, .progress = stop}),
               std::domain_error);
}

TEST(Train, LearnsAndGoesOnFromACheckpoint) {
  const Dataset data = make_data();
  TrainOptions options{.epochs = 4, .batch = 32, .learning_rate = 0.1f};
  std::vector<double> done;
  options.progress = [&](double d, double total) {
    done.push_back(d);
    EXPECT_EQ(total, 4);
  };
  const Model whole = train("zoo:custom?width=0.2", data, options);
  EXPECT_TRUE(std::ranges::is_sorted(done));
  EXPECT_EQ(done.back(), 4);
  EXPECT_GT(whole.evaluate(data).top1, 0.9);
  EXPECT_EQ(whole.labels(), data.class_names());

  options.progress = [](double d, double) {
    if (d > 2) throw std::domain_error("interrupted");
  };
  options.checkpoint = temp_path("checkpoint.mote");
  options.resume = true;
  EXPECT_THROW(train("zoo:custom?width=0.2", data, options), std::domain_error);
  options.progress = {};
  EXPECT_EQ(train("zoo:custom?width=0.2", data, options).graph(), whole.graph());
  EXPECT_EQ(kind_of([&] { train("zoo:custom", data, {.epochs = 0}); }), ErrorKind::usage);
}

TEST(Train, TakesEveryOption) {
  const Dataset data = make_data();
  const auto trained = [&](TrainOptions options) {
    options.epochs = 1;
    options.batch = 32;
    return train("zoo:custom?width=0.2", data, options);
  };
  const Model plain = trained({});
  for (const TrainOptions& options : {TrainOptions{.optimizer = "adamw"},
                                      {.schedule = "cosine"},
                                      {.momentum = 0.5f},
                                      {.weight_decay = 0.1f},
                                      {.label_smoothing = 0.1f},
                                      {.ema_decay = 0.0f},
                                      {.flip = true},
                                      {.crop = 1},
                                      {.cutout = 2}})
    EXPECT_NE(trained(options).graph(), plain.graph());
  for (const TrainOptions& options : {TrainOptions{.optimizer = "adam"},
                                      {.schedule = "step"},
                                      {.beta2 = 1.0f},
                                      {.bf16 = "maybe"}})
    EXPECT_EQ(kind_of([&] { trained(options); }), ErrorKind::usage);
}

TEST(Run, TakesAndGivesRawTensors) {
  const Model model = int8_model();
  const Tensor images = make_samples(3, 5).images;
  const Tensor input = model.encode(images);
  EXPECT_EQ(input.shape, (std::vector<int32_t>{3, 12, 12, 1}));
  const std::vector<uint8_t> pixels = images.as<uint8_t>();
  const std::vector<int8_t> encoded = input.as<int8_t>();
  for (size_t i = 0; i < pixels.size(); i++) ASSERT_EQ(encoded[i], pixels[i] - 128);

  const std::vector<Tensor> outputs = model.run({input}, {.engine = "reference"});
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].type, "int8");
  EXPECT_EQ(outputs[0].shape, (std::vector<int32_t>{3, 2}));
  EXPECT_EQ(model.run({input}, {.engine = "native", .threads = 2}), outputs);
  EXPECT_EQ(kind_of([&] { model.run({}); }), ErrorKind::usage);
  EXPECT_EQ(kind_of([&] { model.run({images}); }), ErrorKind::usage);
  EXPECT_EQ(kind_of([&] {
              model.encode(Tensor::of({1, 4}, std::vector<float>(4)));
            }),
            ErrorKind::usage);
}

TEST(Deploy, WritesAndMeasuresFirmware) {
  const Model model = int8_model();
  const std::string directory = temp_path("firmware");
  const Deployment deployment = model.deploy("microbit", directory);
  EXPECT_EQ(deployment.name, "custom");
  EXPECT_TRUE(std::filesystem::exists(directory + "/custom.h"));
  EXPECT_GE(deployment.arena_bytes, model.inspect().ram_lower_bound_bytes);
  EXPECT_EQ(deployment.flash_bytes.has_value(), deployment.not_linked.empty());
  EXPECT_FALSE(deployment.run);
  EXPECT_EQ(kind_of([&] { open("zoo:resnet8").deploy("microbit", directory); }),
            ErrorKind::over_budget);
  EXPECT_EQ(kind_of([&] { model.deploy("nothing", directory); }), ErrorKind::usage);
  EXPECT_LE(model.deploy("microbit", directory, {.prefer = "flash"}).constant_bytes,
            deployment.constant_bytes);
  EXPECT_EQ(kind_of([&] { model.deploy("microbit", directory, {.prefer = "beauty"}); }),
            ErrorKind::usage);
}

TEST(Deploy, RunsTheFirmwareOnTestImages) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  const Deployment deployment = int8_model().deploy(
      "microbit", temp_path("run"), {.name = "Light!", .run_on = make_data(), .samples = 2});
  EXPECT_EQ(deployment.name, "light");
  EXPECT_EQ(deployment.flash_bytes, deployment.constant_bytes + deployment.code_bytes.value());
  ASSERT_TRUE(deployment.run);
  EXPECT_TRUE(deployment.run->outputs_equal);
  EXPECT_EQ(deployment.run->first_difference, "");
  EXPECT_EQ(deployment.run->samples, 2);
  EXPECT_EQ(deployment.run->ram_bytes,
            deployment.arena_bytes + deployment.static_bytes.value() + deployment.run->stack_bytes);
  EXPECT_GT(deployment.run->instructions, 10000);
}

TEST(Deploy, RunsTheFirmwareWithoutData) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  const Deployment deployment =
      int8_model().deploy("microbit", temp_path("seeded"), {.run = true, .samples = 2});
  ASSERT_TRUE(deployment.run);
  EXPECT_TRUE(deployment.run->outputs_equal) << deployment.run->first_difference;
  EXPECT_EQ(deployment.run->samples, 2);
}

template <class Infos>
bool names(const Infos& infos, const std::string& name) {
  return std::ranges::any_of(infos, [&](const auto& info) { return info.name == name; });
}

TEST(Lists, NameWhatOtherCallsTake) {
  for (const NetworkInfo& network : list_networks()) EXPECT_NO_THROW(open("zoo:" + network.name));
  for (const RecipeInfo& recipe : list_recipes())
    EXPECT_EQ(name_of(compress::load_recipe(recipe.name).scheme()), recipe.scheme);
  EXPECT_TRUE(names(list_recipes(), "int8"));
  EXPECT_TRUE(names(list_devices(), "microbit"));
  const DatasetInfo glyphs = list_datasets().at(0);
  const Dataset data = load_dataset(glyphs.name, {.validation_fraction = 0});
  EXPECT_EQ(data.samples("train").labels.size(), static_cast<size_t>(glyphs.train));
  EXPECT_TRUE(data.synthetic());
}

}  // namespace
}  // namespace mote
