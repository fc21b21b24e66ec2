#!/usr/bin/env bash
# A Slurm cluster of three nodes on this machine, for a test: everything lies in FOLDER, nothing of
# the system's own Slurm or munge is touched. Says "ready"; then reads commands, "kill n2" (the node
# and all its processes die at once), until its standard input ends, and stops everything.
# usage: slurm_cluster.sh FOLDER      as root; SLURM_CONF=FOLDER/slurm.conf reaches the cluster
set -euo pipefail
folder=$1
nodes=(n1 n2 n3)
declare -A processes
host=$(hostname -s)

stop() {
  trap - EXIT
  for name in "${!processes[@]}"; do kill -9 "${processes[$name]}" 2>/dev/null || true; done
  wait 2>/dev/null
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

# A process that does not outlive this script, whatever ends it.
start() {
  local name=$1
  shift
  setpriv --pdeathsig KILL "$@" </dev/null >"$folder/$name.out" 2>&1 &
  processes[$name]=$!
}
# A node is a process namespace: with its first process die all of it, jobs too.
start_node() {
  start "$1" unshare --pid --fork --mount-proc --kill-child slurmd -D -N "$1"
}
listening() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_ports() {  # four in a row
  local base port
  for base in $(shuf -i 20000-32000 -n 50); do
    for port in {0..3}; do ! listening $((base + port)) || continue 2; done
    echo "$base"
    return
  done
  return 1
}
wait_until() {
  local i
  for ((i = 0; i < 300; i++)); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.1
  done
  echo "waited 30 s for: $*"
  tail -n 5 "$folder"/*.out "$folder"/*.log
  exit 1
}
all_idle() { [[ $(sinfo -h -N -t idle -o %N | sort -u | wc -l) == "${#nodes[@]}" ]]; }

mkdir -p "$folder"/{state,spool}
port=$(free_ports)
for node in "${nodes[@]}"; do mkdir -p "$folder/spool/$node"; done
export SLURM_CONF=$folder/slurm.conf
cat >"$SLURM_CONF" <<EOF
ClusterName=mote_test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmctldPidFile=$folder/slurmctld.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdSpoolDir=$folder/spool/%n
SlurmdPidFile=$folder/%n.pid
SlurmdLogFile=$folder/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=1
ReturnToService=2
SlurmdTimeout=5
KillWait=2
MaxArraySize=2
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1
NodeName=n3 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 3)) CPUs=1
PartitionName=main Nodes=n1,n2,n3 Default=YES MaxTime=INFINITE State=UP
EOF
(umask 077 && head -c 1024 /dev/urandom >"$folder/munge.key")
start munged munged --foreground --force --key-file="$folder/munge.key" \
  --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
  --log-file="$folder/munged.log" --seed-file="$folder/munged.seed"
wait_until test -S "$folder/munge.socket"
start slurmctld slurmctld -D -c
wait_until listening "$port"
for node in "${nodes[@]}"; do start_node "$node"; done
wait_until all_idle
echo ready
while read -r command node; do
  case $command in
    kill) kill -9 "${processes[$node]}" ;;
    *) echo "unknown: $command" ;;
  esac
done
