#include "study/plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/error.h"
#include "base/sha256.h"
#include "deploy/devices/device.h"
#include "evaluate/inspection.h"
#include "evaluate/model.h"
#include "evaluate/samples.h"
#include "study/estimate.h"
#include "study/inputs.h"
#include "zoo/zoo.h"

namespace mote::study {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"train", "import", "compress", "measure"};
// By kind; counts up whenever a task of the same inputs gives another result or record.
constexpr std::array<int, 4> kFormats = {2, 2, 1, 3};

// Without what is at its default, so that an option which comes later renames no task that was done
// before there was one.
Json changed_inputs(const Json& inputs) {
  const Settings settings;
  Json result = compress::without(inputs, {{"validation_fraction", settings.validation_fraction},
                                           {"samples", settings.samples},
                                           {"limit", settings.limit}});
  if (result.contains("training"))
    result["training"] = compress::changed_training(result["training"]);
  if (result.contains("recipe")) result["recipe"] = compress::changed_recipe(result["recipe"]);
  return result;
}

struct DataFacts {
  std::string sha256;
  bool synthetic = false;
  Shape image;  // [H, W, C]
  int32_t classes = 0, train = 0, test = 0;
};

// What `open` throws, with the line of the study that asked for it.
template <class Open>
auto at_line(const Entry& entry, Open&& open) {
  try {
    return open();
  } catch (const Error& error) {
    throw error.at(entry.place);
  }
}

class Planner {
 public:
  explicit Planner(const StudyFile& study) : study_(study) {}

  Plan plan() {
    for (const Entry& network : study_.networks)
      for (const Entry& data : study_.data)
        for (const uint64_t seed : study_.seeds)
          for (const Entry& recipe : study_.recipes)
            for (const Entry& device : study_.devices) {
              const Choice choice{network.name, data.name, seed, recipe.name, device.name};
              if (!study_.excluded(choice)) add_cell(choice, network, data, recipe, device);
            }
    if (plan_.cells.empty())
      throw Error(ErrorKind::invalid_input, "nothing is left to do", study_.path,
                  "the [[exclude]] take everything away");
    return std::move(plan_);
  }

 private:
  void add_cell(const Choice& choice, const Entry& network, const Entry& data, const Entry& recipe,
                const Entry& device) {
    Settings settings;
    settings.train = compress::default_options(network.source, data.name);
    settings.train.seed = choice.seed;
    settings = study_.settings(choice, settings);
    const std::vector<std::string>& inputs = at_line(
        network, [&]() -> const auto& { return several_inputs_of(network); });
    const DataSource source{data.name, data.source, choice.seed, settings.validation_fraction,
                            inputs};
    const DataFacts& facts = at_line(data, [&]() -> const DataFacts& { return facts_of(source); });
    Task task;  // what the three have in common
    task.cell = {{"network", choice.network},
                 {"data", choice.data},
                 {"synthetic", facts.synthetic},
                 {"seed", choice.seed}};
    task.inputs = {{"data_sha256", facts.sha256},
                   {"validation_fraction", settings.validation_fraction}};
    task.sources = {{"data", data.source}};
    if (!inputs.empty()) task.sources["inputs"] = inputs;
    const Task& origin = at_line(network, [&]() -> const Task& {
      return evaluate::is_zoo(network.source) ? add_train(task, network, settings, facts)
                                              : add_import(task, network, facts);
    });
    task.inputs[std::string(name_of(origin.kind))] = origin.hash;
    task.needs = {origin.hash};
    const int64_t macs = macs_of(network, facts);
    task.cell["recipe"] = choice.recipe;
    const std::string compressed =
        add_compress(task, choice.seed, recipe, settings, facts, macs).hash;
    task.inputs["compress"] = compressed;
    task.needs.push_back(compressed);
    task.cell["device"] = choice.device;
    plan_.cells.push_back(add_measure(task, device, settings, facts, macs).hash);
  }

  const Task& add_compress(Task task, uint64_t seed, const Entry& entry, const Settings& settings,
                           const DataFacts& facts, int64_t macs) {
    const compress::Recipe recipe = compress::load_recipe(entry.source);
    task.kind = TaskKind::compress;
    task.inputs["seed"] = seed;
    task.inputs["recipe"] = recipe_json(recipe);
    task.sources["recipe"] = entry.source;
    Work work;
    work.macs = macs;
    if (recipe.trains()) {
      const compress::TrainOptions options = compress::settled(settings.train, facts.train);
      task.inputs["training"] = compress::json_of(options);
      work.train_images = facts.train;
      work.epochs = recipe.epochs(options);
      begin_from_a_prefix(task);
    }
    task.work = work_of(task.kind, work);
    return add(std::move(task));
  }

  // A recipe whose first steps are all that another recipe of the study does, before it in the
  // list, begins from what that made, so that prune_int8 does not prune again. Its result is the
  // same.
  void begin_from_a_prefix(Task& task) const {
    const Json& steps = task.inputs.at("recipe").at("steps");
    size_t longest = 0;
    for (const Task& other : plan_.tasks) {
      if (other.kind != TaskKind::compress || !other.inputs.contains("training")) continue;
      Json same = other.inputs;
      same["recipe"] = task.inputs.at("recipe");
      const Json& first = other.inputs.at("recipe").at("steps");
      if (same != task.inputs || first.size() <= longest || first.size() >= steps.size() ||
          !std::equal(first.begin(), first.end(), steps.begin()))
        continue;
      longest = first.size();
      task.sources["begin"] = other.hash;
    }
    if (longest > 0) task.needs.push_back(task.sources.at("begin"));
  }

  const Task& add_measure(Task task, const Entry& device, const Settings& settings,
                          const DataFacts& facts, int64_t macs) {
    task.kind = TaskKind::measure;
    task.inputs["device"] = device_json(device.source);
    task.inputs["samples"] = settings.samples;
    task.inputs["limit"] = settings.limit;
    task.sources["device"] = device.source;
    Work work;
    work.macs = macs;
    work.test_images = settings.limit > 0 ? std::min(settings.limit, facts.test) : facts.test;
    work.samples = settings.samples;
    task.work = work_of(task.kind, work);
    return add(std::move(task));
  }

  const Task& add_train(Task task, const Entry& network, const Settings& settings,
                        const DataFacts& facts) {
    compress::check_options(settings.train);
    task.inputs["network"] =
        zoo::full_name(network.source, {.input = facts.image, .classes = facts.classes});
    if (!network.preprocess.empty()) task.inputs["preprocess"] = network.preprocess;
    task.inputs["training"] = compress::json_of(compress::settled(settings.train, facts.train));
    task.work = work_of(
        task.kind, {macs_of(network, facts), facts.train, facts.test, settings.train.epochs, 0});
    return add(std::move(task));
  }

  const Task& add_import(Task task, const Entry& network, const DataFacts& facts) {
    task.kind = TaskKind::import_model;
    task.inputs["model_sha256"] = file_sha256(network.source);
    if (!network.preprocess.empty()) task.inputs["preprocess"] = network.preprocess;
    task.sources["model"] = network.source;
    task.work = work_of(task.kind, {macs_of(network, facts), 0, facts.test, 0, 0});
    return add(std::move(task));
  }

  // The task as the plan has it: equal ones are one.
  const Task& add(Task task) {
    task.hash = hash_of(task);
    const auto same = std::ranges::find(plan_.tasks, task.hash, &Task::hash);
    if (same != plan_.tasks.end()) return *same;
    return plan_.tasks.emplace_back(std::move(task));
  }

  const DataFacts& facts_of(const DataSource& source) {
    const auto key =
        std::tuple(source.source, source.seed, source.validation_fraction, source.inputs);
    const auto known = facts_.find(key);
    if (known != facts_.end()) return known->second;
    const datasets::Dataset data = open_data(source);
    datasets::split_of(data, "train");
    if (datasets::split_of(data, "test").labels.empty())
      throw Error(ErrorKind::usage, "the test images have no labels", data.name,
                  "a study measures accuracy");
    const Shape& images = data.train.images.shape;
    return facts_[key] = {
               sha256_of(data), data.synthetic,     Shape(images.begin() + 1, images.end()),
               data.classes(),  data.train.count(), data.test.count()};
  }

  // Networks of the zoo have one.
  const std::vector<std::string>& several_inputs_of(const Entry& network) {
    const auto [known, fresh] = inputs_.try_emplace(network.source);
    if (fresh && !evaluate::is_zoo(network.source))
      known->second = evaluate::names_of_several_inputs(evaluate::load_model(network.source, 1));
    return known->second;
  }

  int64_t macs_of(const Entry& network, const DataFacts& facts) {
    int64_t& macs = macs_[{network.source, facts.image}];
    if (macs != 0) return macs;
    const Graph graph =
        evaluate::is_zoo(network.source)
            ? zoo::build(network.source,
                         {.input = facts.image, .classes = facts.classes, .shapes_only = true})
            : evaluate::load_model(network.source, 1);
    for (const evaluate::LayerFacts& layer : evaluate::layers_of(graph)) macs += layer.macs;
    return macs;
  }

  const StudyFile& study_;
  Plan plan_;
  std::map<std::tuple<std::string, uint64_t, double, std::vector<std::string>>, DataFacts> facts_;
  std::map<std::string, std::vector<std::string>> inputs_;  // by network: its inputs, if several
  std::map<std::pair<std::string, Shape>, int64_t> macs_;
};

}  // namespace

std::string_view name_of(TaskKind kind) {
  return kNames[static_cast<size_t>(kind)];
}

TaskKind parse_kind(const std::string& name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end())
    throw Error(ErrorKind::invalid_input, fmt::format("no task is called '{}'", name));
  return static_cast<TaskKind>(found - kNames.begin());
}

std::string Task::title() const {
  std::string title = fmt::format("{} {}, {}", name_of(kind), cell.at("network").get<std::string>(),
                                  cell.at("data").get<std::string>());
  if (cell.at("seed") != 1) title += fmt::format(", seed {}", cell.at("seed").get<uint64_t>());
  for (const char* key : {"recipe", "device"})
    if (cell.contains(key)) title += ", " + cell.at(key).get<std::string>();
  return title;
}

std::string hash_of(const Task& task) {
  // Keys sorted, numbers as their shortest text: the same bytes for the same values.
  const nlohmann::json canonical = {{"format", kFormats[static_cast<size_t>(task.kind)]},
                                    {"task", name_of(task.kind)},
                                    {"cell", task.cell},
                                    {"inputs", changed_inputs(task.inputs)}};
  return sha256(canonical.dump()).substr(0, 16);
}

Json json_of(const Task& task) {
  return {{"schema", "mote.plan/1"}, {"task", name_of(task.kind)}, {"cell", task.cell},
          {"inputs", task.inputs},   {"sources", task.sources},    {"hash", task.hash},
          {"needs", task.needs}};
}

Task task_of(const Json& json) {
  try {
    const Task task{parse_kind(json.at("task")),
                    json.at("cell"),
                    json.at("inputs"),
                    json.at("sources"),
                    json.at("hash"),
                    json.at("needs"),
                    0};
    if (hash_of(task) != task.hash)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("the task's hash is {}, not {}", hash_of(task), task.hash), {},
                  "it was planned by another version: start the study again");
    return task;
  } catch (const Json::exception& error) {
    throw Error(ErrorKind::invalid_input, fmt::format("no task: {}", error.what()));
  }
}

const Task& Plan::task(const std::string& hash) const {
  const auto found = std::ranges::find(tasks, hash, &Task::hash);
  if (found == tasks.end())
    throw Error(ErrorKind::internal, fmt::format("the plan has no task {}", hash));
  return *found;
}

Plan make_plan(const StudyFile& study) {
  return Planner(study).plan();
}

}  // namespace mote::study
