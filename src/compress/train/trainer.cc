#include "compress/train/trainer.h"
#include "base/zip.h"

#include <algorithm>

#include <fmt/format.h>

#include "compress/train/checkpoint.h"
#include "compress/train/rate.h"
#include "evaluate/classes.h"
#include "ir/text.h"

namespace mote::compress {
namespace {

// Where part `part` of `parts` of `count` things begins.
int32_t begin_of(int32_t part, int32_t parts, int32_t count) {
  return static_cast<int32_t>(static_cast<int64_t>(count) * part / parts);
}

}  // namespace

Trainer::Trainer(const Graph& graph, const datasets::Dataset& data, const TrainOptions& options,
                 const Graph* teacher)
    : graph_(graph),
      data_(data),
      options_(settled(options, data.train.count())),
      teacher_preprocessing_(teacher != nullptr ? preprocessing_of(*teacher) : Preprocessing{}),
      parameters_(autograd::parameters_of(graph)),
      weights_(weight_slots(graph, parameters_)),
      swinging_(swinging_slots(weights_)),
      fake_quantized_(std::ranges::any_of(parameters_.slots, &autograd::Slot::scales)),
      state_(initial_state(parameters_, options)),
      gradient_(parameters_.trainable),
      threads_(options.threads) {
  const std::span<float> values(state_.values);
  const std::span<float> average(state_.average);
  const size_t n = parameters_.trainable;
  for (int32_t i = 0; i < options.threads; i++) {
    std::vector<float> statistics(values.begin() + static_cast<int64_t>(n), values.end());
    const std::span<float> own(statistics);  // moving the vector moves no element
    workers_.push_back(
        {.statistics = std::move(statistics),
         .gradient = std::vector<float>(n),
         .training = autograd::Network(graph, values.first(n), own),
         .averaged = autograd::Network(graph, average.first(n), average.subspan(n))});
    if (teacher != nullptr) workers_.back().teacher.emplace(*teacher);
  }
  apply_masks(parameters_, state_);
  state_.swings = initial_swings(swinging_, state_.values);
}

void Trainer::set_masks(const Masks& masks) {
  for (size_t i = 0; i < masks.size(); i++) {
    autograd::Slot& slot = parameters_.slots[i];
    if (slot.scales) continue;
    slot.mask = masks[i];
    graph_.value(slot.value).mask = masks[i];
  }
}

void Trainer::remember_gradient() {
  squares_.resize(gradient_.size());
  for (size_t i = 0; i < gradient_.size(); i++) squares_[i] += gradient_[i] * gradient_[i];
  remembered_++;
}

void Trainer::forget_gradients() {
  std::ranges::fill(squares_, 0.0f);
  remembered_ = 0;
}

void Trainer::prune(const std::function<void(Graph& graph, std::span<const float> squares)>& mask) {
  Graph current = graph_;
  autograd::store(parameters_, state_.values, current);
  for (float& square : squares_) square /= static_cast<float>(std::max(1, remembered_));
  mask(current, squares_);
  forget_gradients();
  set_masks(masks_of(autograd::parameters_of(current)));
  apply_masks(parameters_, state_);
}

void Trainer::restore(const TrainState& state, const Masks& masks) {
  set_masks(masks);
  std::ranges::copy(state.values, state_.values.begin());
  std::ranges::copy(state.velocity, state_.velocity.begin());
  std::ranges::copy(state.squares, state_.squares.begin());
  std::ranges::copy(state.average, state_.average.begin());
  std::ranges::copy(state.swings, state_.swings.begin());
}

std::string Trainer::fingerprint() const {
  const std::string text = print(graph_).text;
  return fmt::format("network = {} {:08x}\ndata = {} {} {:08x}\n{}", graph_.name,
                     crc32_of({reinterpret_cast<const uint8_t*>(text.data()), text.size()}),
                     data_.name, data_.train.count(), crc32_of(data_.train.images.data),
                     fingerprint_of(options_));
}

void Trainer::ask_teacher(Worker& worker, std::span<const Sample> samples) {
  if (!worker.teacher || options_.distillation == 0.0f) return;
  fill_inputs(data_.train, samples, teacher_preprocessing_, worker.teacher_inputs);
  worker.teacher->run_logits(worker.teacher_inputs, static_cast<int32_t>(samples.size()),
                             worker.teacher_logits);
}

void Trainer::take_inputs(Worker& worker, std::span<const Sample> samples) {
  std::copy(state_.values.begin() + static_cast<int64_t>(parameters_.trainable),
            state_.values.end(), worker.statistics.begin());
  fill_inputs(data_.train, samples, preprocessing_of(graph_), worker.inputs);
}

void Trainer::differentiate(Worker& worker, std::span<const Sample> samples) {
  take_inputs(worker, samples);
  if (options_.distillation < 1.0f) fill_labels(data_.train, samples, worker.labels);
  ask_teacher(worker, samples);
  const autograd::LossOptions loss{.label_smoothing = options_.label_smoothing,
                                   .divisor = static_cast<float>(options_.batch),
                                   .bf16 = options_.bf16 == Bf16::on,
                                   .distillation = options_.distillation,
                                   .temperature = options_.temperature};
  worker.loss = worker.training.gradient({worker.inputs, worker.labels, worker.teacher_logits},
                                         loss, worker.gradient);
}

// Sums the workers' gradients, in their order.
void Trainer::reduce() {
  std::ranges::copy(workers_[0].gradient, gradient_.begin());
  for (size_t w = 1; w < workers_.size(); w++)
    for (size_t i = 0; i < gradient_.size(); i++) gradient_[i] += workers_[w].gradient[i];
}

// Gives the state the mean of the workers' statistics.
void Trainer::mean_statistics() {
  const auto share = 1.0f / static_cast<float>(workers_.size());
  for (size_t i = 0; i < workers_[0].statistics.size(); i++) {
    float sum = 0;
    for (const Worker& worker : workers_) sum += worker.statistics[i];
    state_.values[parameters_.trainable + i] = share * sum;
  }
}

void Trainer::share(std::span<const Sample> batch,
                    const std::function<void(Worker&, std::span<const Sample>)>& work) {
  threads_.run([&](int32_t t) {
    const int32_t begin = begin_of(t, threads_.count(), options_.batch);
    const int32_t end = begin_of(t + 1, threads_.count(), options_.batch);
    work(workers_[static_cast<size_t>(t)],
         batch.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  });
}

void Trainer::estimate_statistics(std::span<const Sample> epoch) {
  constexpr int32_t kBatches = 50;
  const auto batch = static_cast<size_t>(options_.batch);
  std::ranges::copy(state_.average, state_.values.begin());
  for (int32_t i = 0; i < kBatches; i++) {
    const auto begin = static_cast<size_t>(i % steps_per_epoch()) * batch;
    share(epoch.subspan(begin, batch), [&](Worker& worker, std::span<const Sample> samples) {
      take_inputs(worker, samples);
      worker.training.update_statistics(worker.inputs, static_cast<int32_t>(samples.size()));
    });
    mean_statistics();
  }
  std::ranges::copy(state_.values, state_.average.begin());
}

double Trainer::step(std::span<const Sample> epoch, int32_t step, int64_t number) {
  const auto batch = static_cast<size_t>(options_.batch);
  share(epoch.subspan(static_cast<size_t>(step) * batch, batch),
        [&](Worker& worker, std::span<const Sample> samples) { differentiate(worker, samples); });
  reduce();
  mean_statistics();
  const int64_t steps = static_cast<int64_t>(options_.epochs) * steps_per_epoch();
  double loss = 0;
  for (const Worker& worker : workers_) loss += worker.loss;
  if (options_.rate > 0)
    loss += add_rate(weights_, rate_at(options_.rate, {number, steps}), state_.values, gradient_);
  update_weights(parameters_, gradient_, options_, {number, steps}, state_);
  keep_in_range(weights_, state_.values);
  // With a price on bits it is that which pulls weights off the middle between two integers.
  if (options_.rate == 0) hold_swinging(swinging_, {number, steps}, state_);
  update_average(options_, number, state_);
  if (fake_quantized_ && number + 1 == steps) estimate_statistics(epoch);
  return loss;
}

void Trainer::count_correct(Worker& worker, const datasets::Split& split, int32_t begin,
                            int32_t end) {
  constexpr int32_t kBatch = 128;
  worker.correct = 0;
  for (; begin < end; begin += kBatch) {
    const std::vector<Sample> samples = plain_samples(begin, std::min(begin + kBatch, end));
    fill_inputs(split, samples, preprocessing_of(graph_), worker.inputs);
    worker.averaged.run(worker.inputs, static_cast<int32_t>(samples.size()), worker.outputs);
    const Bytes outputs = to_bytes(std::span<const float>(worker.outputs));
    const std::vector<int32_t> classes =
        evaluate::classify(graph_, outputs, static_cast<int32_t>(samples.size()));
    for (size_t i = 0; i < samples.size(); i++)
      worker.correct += classes[i] == split.labels[static_cast<size_t>(samples[i].image)];
  }
}

double Trainer::top1(const datasets::Split& split) {
  if (split.labels.empty()) return 0.0;
  threads_.run([&](int32_t t) {
    count_correct(workers_[static_cast<size_t>(t)], split,
                  begin_of(t, threads_.count(), split.count()),
                  begin_of(t + 1, threads_.count(), split.count()));
  });
  int32_t correct = 0;
  for (const Worker& worker : workers_) correct += worker.correct;
  return split.count() == 0 ? 0.0 : static_cast<double>(correct) / split.count();
}

Graph Trainer::averaged() const {
  Graph graph = graph_;
  autograd::store(parameters_, state_.average, graph);
  graph.labels = data_.class_names;
  return graph;
}

}  // namespace mote::compress
