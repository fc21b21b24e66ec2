// `mote train`: a zoo network on a data set.
#include <cstdio>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "compress/train/train.h"
#include "datasets/dataset.h"
#include "evaluate/model.h"
#include "formats/model_file.h"
#include "zoo/zoo.h"

namespace mote::cli {
namespace {

struct Options : Common {
  std::string model, data, output;
  bool resume = false;
  double validation = datasets::LoadOptions{}.validation_fraction;
  std::optional<int32_t> epochs, batch, crop;
  std::optional<float> learning_rate, weight_decay, label_smoothing, ema_decay;
  std::optional<bool> flip;
  std::optional<std::string> schedule, bf16;
};

// The network's recipe with what the user set instead.
compress::TrainOptions train_options(const Options& options, const std::string& dataset) {
  compress::TrainOptions result = compress::default_options(options.model, dataset);
  result.seed = options.seed;
  if (options.threads > 0) result.threads = options.threads;
  const auto set = [](const auto& from, auto& to) {
    if (from) to = *from;
  };
  set(options.epochs, result.epochs);
  set(options.batch, result.batch);
  set(options.crop, result.crop);
  set(options.learning_rate, result.learning_rate);
  set(options.weight_decay, result.weight_decay);
  set(options.label_smoothing, result.label_smoothing);
  set(options.ema_decay, result.ema_decay);
  set(options.flip, result.flip);
  if (options.schedule) set(compress::parse_schedule(*options.schedule), result.schedule);
  if (options.bf16) set(compress::parse_bf16(*options.bf16), result.bf16);
  return result;
}

compress::TrainResult train_visibly(const Options& options, const datasets::Dataset& data,
                                    const compress::Checkpoint& checkpoint) {
  ProgressBar bar(options, "training");
  std::string validated;
  const auto show = [&](const compress::TrainProgress& p) {
    if (p.validation_top1) validated = ", validation top-1 " + percent(*p.validation_top1);
    bar.show(p.epoch - 1 + static_cast<double>(p.step) / p.steps, p.epochs,
             fmt::format("epoch {} of {}, loss {:.3f}{}", p.epoch, p.epochs, p.loss, validated),
             p.eta_seconds);
  };
  return compress::train_network(options.model, data, train_options(options, data.name), checkpoint,
                                 show);
}

Json history_of(const compress::TrainResult& result) {
  Json history = Json::array();
  for (const compress::EpochRecord& record : result.history)
    history.push_back({{"epoch", record.epoch},
                       {"loss", record.loss},
                       {"validation_top1", record.validation_top1}});
  return history;
}

void run(const Options& options) {
  formats::check_writable(options.output);
  const datasets::Dataset data = datasets::load(options.data, {options.seed, options.validation});
  const std::string checkpoint = options.output + ".checkpoint.mote";
  const compress::TrainResult result = train_visibly(options, data, {checkpoint, options.resume});
  formats::write_model(options.output, result.graph);
  std::filesystem::remove(checkpoint);

  const evaluate::FileSizes sizes = evaluate::file_sizes(options.output);
  print_result(options, "train",
               {{"model", options.output},
                {"network", options.model},
                {"data", data.name},
                {"synthetic", data.synthetic},
                {"seed", options.seed},
                {"top1", result.top1},
                {"epochs", result.epochs},
                {"seconds", result.seconds},
                {"file_bytes", sizes.file_bytes},
                {"bf16", result.bf16},
                {"history", history_of(result)}},
               facts({{"model", options.output},
                      {"data", data.name + (data.synthetic ? " (synthetic)" : "")},
                      {"epochs", std::to_string(result.epochs)},
                      {"top-1 (test)", percent(result.top1)},
                      {"file", grouped(sizes.file_bytes) + " B"},
                      {"time", seconds(result.seconds)}}));
}

void add_training_options(CLI::App* verb, Options& options) {
  const std::string group = "Training (default: the network's own recipe)";
  const auto number = [&](const std::string& name, auto& target, const std::string& help) {
    verb->add_option(name, target, help)->group(group);
  };
  number("--epochs", options.epochs, "Passes over the training images");
  number("--batch", options.batch, "Images per step");
  number("--learning-rate", options.learning_rate, "Peak of the schedule");
  number("--weight-decay", options.weight_decay, "L2 penalty of the weights");
  number("--label-smoothing", options.label_smoothing, "0 to 1");
  number("--ema", options.ema_decay, "Decay of the weights' moving average per step; 0: none");
  number("--crop", options.crop, "Shift images by up to so many pixels");
  number("--flip", options.flip, "Mirror half of the images: true or false");
  verb->add_option("--schedule", options.schedule, "one_cycle or cosine")
      ->check(CLI::IsMember({"one_cycle", "cosine"}))
      ->group(group);
  verb->add_option("--bf16", options.bf16, "automatic, on or off")
      ->check(CLI::IsMember({"automatic", "on", "off"}))
      ->group(group);
  verb->add_option("--validation", options.validation, "Fraction of the training images held out")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str()
      ->group(group);
}

}  // namespace

void add_train(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(app, "train", "Trains a network of the zoo",
               "mote train zoo:custom --data glyphs -o digits.tflite\n"
               "mote train 'zoo:custom?width=0.5' --data fashion-mnist --seed 2 -o f.tflite\n"
               "mote train zoo:resnet8 --data cifar-10 -o c.mote --resume",
               *options);
  std::string networks;
  for (const zoo::Entry& entry : zoo::entries())
    networks += (networks.empty() ? "" : ", ") + entry.name;
  verb->add_option("NETWORK", options->model, "zoo:NAME[?width=W]; names: " + networks)->required();
  verb->add_option("--data", options->data, "A data set's name, or an .npz by path")->required();
  verb->add_option("-o,--output", options->output, "The model to write, .tflite or .mote")
      ->required();
  verb->add_flag("--resume", options->resume, "Go on from OUTPUT.checkpoint.mote where it exists");
  add_training_options(verb, *options);
  on_run(verb, options, run);
}

}  // namespace mote::cli
