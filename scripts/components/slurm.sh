#!/bin/bash
# Private Slurm clusters on one machine: no systemd, no cgroups, nothing in /etc. Needs root.
#   slurm.sh install
#   slurm.sh start NAME PORT NODES [CPUS] [accounting]    "accounting" needs "mariadb.sh start" first
#   slurm.sh conf NAME        the path for SLURM_CONF
#   slurm.sh stop NAME
# Listens on 127.0.0.1: slurmctld PORT, slurmd PORT+1 and up, slurmdbd PORT+90.
set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"
name=${2:-}
base=$GRMS_COMPONENTS/slurm/$name

write_conf() {
  local port=$1 nodes=$2 cpus=$3 host
  host=$(hostname -s)
  cat <<C
ClusterName=$name
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$base/run/munge.sock
CredType=cred/munge
StateSaveLocation=$base/state
SlurmdSpoolDir=$base/spool/%n
SlurmctldPidFile=$base/run/slurmctld.pid
SlurmdPidFile=$base/run/slurmd.%n.pid
SlurmctldLogFile=$base/log/slurmctld.log
SlurmdLogFile=$base/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
# Believe CPUs and RealMemory below, whatever the machine has.
SlurmdParameters=config_overrides
# Start at once; forget ended jobs after $min_age s, so that tests meet jobs that are only in the accounting.
SchedulerType=sched/backfill
SchedulerParameters=sched_min_interval=100000,bf_interval=5,batch_sched_delay=0,default_queue_depth=1000
MinJobAge=$min_age
MaxJobCount=100000
ReturnToService=2
InactiveLimit=0
KillWait=5
CompleteWait=0
MessageTimeout=30
JobRequeue=0
NodeName=${name}n[1-$nodes] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + nodes))] CPUs=$cpus RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
PartitionName=short Nodes=ALL MaxTime=10 State=UP
C
  if [ -n "$accounting" ]; then
    cat <<C
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((port + 90))
AccountingStoragePass=$base/run/munge.sock
AccountingStoreFlags=job_comment
C
  else
    echo "AccountingStorageType=accounting_storage/none"
  fi
}

start_accounting() {
  local port=$1
  (
    umask 077
    cat >"$base/slurmdbd.conf" <<C
AuthType=auth/munge
AuthInfo=socket=$base/run/munge.sock
DbdHost=$(hostname -s)
DbdAddr=127.0.0.1
DbdPort=$((port + 90))
SlurmUser=root
LogFile=$base/log/slurmdbd.log
PidFile=$base/run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=${GRMS_MARIADB_PORT:-17190}
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_$name
C
  )
  SLURM_CONF=$base/slurmdbd.conf slurmdbd
  # It listens before its tables are ready.
  wait_until 40 sacctmgr -n show cluster
  {
    sacctmgr -i add cluster "$name" || true
    sacctmgr -i add account users || true
    sacctmgr -i add user root,grmstest1,grmstest2 account=users || true
  } >"$base/log/sacctmgr.log" 2>&1
}

all_idle() { [ "$(sinfo -h -t idle -p main -o %D)" = "$1" ]; }

case ${1:-} in
install)
  apt_install slurm-wlm slurm-wlm-basic-plugins slurm-client slurmdbd slurm-wlm-mysql-plugin munge
  ;;
start)
  [ $# -ge 4 ] || usage
  port=$3 nodes=$4 cpus=${5:-4} accounting=${6:-} min_age=${GRMS_SLURM_MIN_JOB_AGE:-60}
  mkdir -p "$base"/{state,spool,log,run,munge}
  [ -f "$base/munge/key" ] || head -c 1024 /dev/urandom >"$base/munge/key"
  chmod 700 "$base/munge"
  chmod 400 "$base/munge/key"
  # --force: the path may lead through a world-writable directory with the sticky bit.
  munged --force --num-threads=4 --key-file="$base/munge/key" --seed-file="$base/munge/seed" \
    --socket="$base/run/munge.sock" --pid-file="$base/run/munged.pid" --log-file="$base/log/munged.log" \
    2>>"$base/log/munged.err"
  write_conf "$port" "$nodes" "$cpus" >"$base/slurm.conf"
  export SLURM_CONF=$base/slurm.conf
  [ -z "$accounting" ] || start_accounting "$port"
  slurmctld -f "$SLURM_CONF"
  wait_until 20 listens "$port" || { tail "$base/log/slurmctld.log" >&2; exit 1; }
  for i in $(seq "$nodes"); do slurmd -f "$SLURM_CONF" -N "${name}n$i"; done
  wait_until 30 all_idle "$nodes" || { sinfo >&2; exit 1; }
  ;;
conf)
  [ -n "$name" ] || usage
  echo "$base/slurm.conf"
  ;;
stop)
  [ -n "$name" ] || usage
  stop_program slurmd "$base"/run/slurmd.*.pid
  stop_program slurmctld "$base/run/slurmctld.pid"
  stop_program slurmdbd "$base/run/slurmdbd.pid"
  stop_program munged "$base/run/munged.pid"
  ;;
*) usage ;;
esac
