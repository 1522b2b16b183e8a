"""The networks: layers that go forward and backward on stacked members.

Every tensor starts with the member axis. Suffixes name the axes:

    P  members of the population
    B  examples of the batch
    D  inputs of a layer
    W  outputs (width) of a layer
    C  outputs of the network

Layers carry their own backward pass instead of leaving it to autograd: the gradient at every pre-activation is then at hand
for the probes without hooks, weight gradients are written into tensors that are allocated once, and a small network spends its
time on arithmetic instead of on building graphs. `torch.autograd` is the reference that the tests compare with.
"""
