"""How far the Spark jobs of a statement are, from 0.0 to 1.0, as Livy reports it: tasks done of tasks known."""


def progress_of(context, group):
    """None while the statement has no job."""
    tracker = context.statusTracker()
    done = total = 0
    for job in tracker.getJobIdsForGroup(group):
        info = tracker.getJobInfo(job)
        if info is None:
            continue
        for stage in info.stageIds:
            stage_info = tracker.getStageInfo(stage)
            if stage_info is not None:
                done += stage_info.numCompletedTasks
                total += stage_info.numTasks
    return round(done / total, 3) if total else None
