namespace ImageTarTasks.Core.Packing;

/// <summary>Owner and group, as numbers.</summary>
public readonly record struct Owner(uint Uid, uint Gid);
