// `mote train`: a zoo network on a data set.
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.h"
#include "cli/model.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "compress/json.h"
#include "compress/train/train.h"
#include "datasets/dataset.h"
#include "evaluate/model.h"
#include "evaluate/preprocess.h"
#include "formats/model_file.h"
#include "zoo/zoo.h"

namespace mote::cli {
namespace {

using Change = std::function<void(compress::TrainOptions&)>;

struct TrainOptions : Common {
  std::string model, data, output, preprocess;
  bool resume = false;
  double validation = datasets::LoadOptions{}.validation_fraction;
  std::vector<Change> changes;  // of the recipe
};

// The network's recipe with what the user set instead.
compress::TrainOptions train_options(const TrainOptions& options, const std::string& dataset) {
  compress::TrainOptions result = compress::default_options(options.model, dataset);
  result.seed = options.seed;
  if (options.threads > 0) result.threads = options.threads;
  for (const Change& change : options.changes) change(result);
  return result;
}

compress::TrainResult train_visibly(const TrainOptions& options, const datasets::Dataset& data,
                                    const compress::Checkpoint& checkpoint) {
  ProgressBar bar(options, "training");
  std::string validated;
  const auto show = [&](const compress::TrainProgress& p) {
    if (p.validation_top1) validated = ", validation top-1 " + percent(*p.validation_top1);
    bar.show(p.epoch - 1 + static_cast<double>(p.step) / p.steps, p.epochs,
             fmt::format("epoch {} of {}, loss {:.3f}{}", p.epoch, p.epochs, p.loss, validated),
             p.eta_seconds);
  };
  std::optional<Preprocessing> preprocessing;
  if (!options.preprocess.empty())
    preprocessing = evaluate::parse_preprocessing(options.preprocess);
  return compress::train_network(options.model, data, train_options(options, data.name), checkpoint,
                                 show, preprocessing);
}

Json history_of(const compress::TrainResult& result) {
  Json history = Json::array();
  for (const compress::EpochRecord& record : result.history)
    history.push_back({{"epoch", record.epoch},
                       {"loss", record.loss},
                       {"validation_top1", record.validation_top1}});
  return history;
}

void run(const TrainOptions& options) {
  formats::check_writable(options.output);
  const datasets::Dataset data = datasets::load(options.data, {options.seed, options.validation});
  const std::string checkpoint = options.output + ".checkpoint.mote";
  const compress::TrainResult result = train_visibly(options, data, {checkpoint, options.resume});
  print_notes(options, result.network, result.notes);
  formats::write_model(options.output, result.graph);
  std::filesystem::remove(checkpoint);

  const evaluate::FileSizes sizes = evaluate::file_sizes(options.output);
  print_result(options, "train",
               {{"model", options.output},
                {"network", result.network},
                {"data", data.name},
                {"synthetic", data.synthetic},
                {"seed", options.seed},
                {"top1", result.top1},
                {"epochs", result.options.epochs},
                {"seconds", result.seconds},
                {"file_bytes", sizes.file_bytes},
                {"bf16", result.options.bf16 == compress::Bf16::on},
                {"validation_fraction", options.validation},
                {"training", compress::json_of(result.options)},
                {"history", history_of(result)},
                {"notes", result.notes}},
               facts({{"model", options.output},
                      {"data", data.name + (data.synthetic ? " (synthetic)" : "")},
                      {"epochs", std::to_string(result.options.epochs)},
                      {"top-1 (test)", percent(result.top1)},
                      {"file", grouped(sizes.file_bytes) + " B"},
                      {"time", seconds(result.seconds)}}));
}

// TrainOptions that change the recipe where they are given.
class RecipeOptions {
 public:
  RecipeOptions(CLI::App* verb, TrainOptions& options) : verb_(verb), options_(options) {}

  template <class T>
  void add(const std::string& name, T compress::TrainOptions::*member, const std::string& help) {
    const auto set = [&changes = options_.changes, member](const T& value) {
      changes.push_back([=](compress::TrainOptions& o) { o.*member = value; });
    };
    verb_->add_option_function<T>(name, set, help)->group(kGroup);
  }

  template <class T>
  void add_choice(const std::string& name, T compress::TrainOptions::*member) {
    const auto names = compress::choices<T>();
    const std::vector<std::string> choices(names.begin(), names.end());
    const auto set = [&changes = options_.changes, member](const std::string& value) {
      changes.push_back(
          [=](compress::TrainOptions& o) { o.*member = *compress::choice_of<T>(value); });
    };
    verb_->add_option_function<std::string>(name, set, fmt::format("{}", fmt::join(choices, ", ")))
        ->check(CLI::IsMember(choices))
        ->group(kGroup);
  }

  static constexpr const char* kGroup = "Training (default: the network's own recipe)";

 private:
  CLI::App* verb_;
  TrainOptions& options_;
};

void add_training_options(CLI::App* verb, TrainOptions& options) {
  using T = compress::TrainOptions;
  RecipeOptions recipe(verb, options);
  recipe.add("--epochs", &T::epochs, "Passes over the training images");
  recipe.add("--batch", &T::batch, "Images per step");
  recipe.add_choice("--optimizer", &T::optimizer);
  recipe.add("--learning-rate", &T::learning_rate, "Peak of the schedule");
  recipe.add_choice("--schedule", &T::schedule);
  recipe.add("--momentum", &T::momentum, "Of SGD; of AdamW its beta1");
  recipe.add("--beta2", &T::beta2, "Of AdamW");
  recipe.add("--weight-decay", &T::weight_decay, "L2 penalty of the weights; AdamW's is decoupled");
  recipe.add("--label-smoothing", &T::label_smoothing, "0 to 1");
  recipe.add("--ema", &T::ema_decay, "Decay of the weights' moving average per step; 0: none");
  recipe.add("--crop", &T::crop, "Shift images by up to so many pixels");
  recipe.add("--flip", &T::flip, "Mirror half of the images: true or false");
  recipe.add("--cutout", &T::cutout, "Side of a square of zeros in each image; 0: none");
  recipe.add("--affine", &T::affine, "Share of images turned, slanted and stretched a little");
  recipe.add_choice("--bf16", &T::bf16);
  verb->add_option("--validation", options.validation, "Fraction of the training images held out")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str()
      ->group(RecipeOptions::kGroup);
}

}  // namespace

void add_train(CLI::App& app) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* verb =
      add_verb(app, "train", "Trains a network of the zoo",
               "mote train zoo:custom --data glyphs -o digits.tflite\n"
               "mote train 'zoo:custom?width=0.5' --data fashion-mnist --seed 2 -o f.tflite\n"
               "mote train zoo:resnet8 --data cifar-10 -o c.mote --resume",
               *options);
  std::string networks;
  for (const zoo::Entry& entry : zoo::entries())
    networks += (networks.empty() ? "" : ", ") + entry.name;
  verb->add_option("NETWORK", options->model, "zoo:NAME[?width=W&...]; names: " + networks)
      ->required();
  verb->add_option("--data", options->data, data_help())->required();
  verb->add_option("-o,--output", options->output, "The model to write, .tflite or .mote")
      ->required();
  verb->add_flag("--resume", options->resume, "Go on from OUTPUT.checkpoint.mote where it exists");
  add_preprocess(verb, options->preprocess);
  add_training_options(verb, *options);
  on_run(verb, options, run);
}

}  // namespace mote::cli
